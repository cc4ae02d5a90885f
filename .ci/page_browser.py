"""Chromium, driven by the DevTools protocol over a pipe: the standard library is enough."""

import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 20  # seconds for anything to happen


class Failure(Exception):
    """What the page or the browser did not do."""


def find():
    """The path of a Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


class Browser:
    """One Chromium with one tab. What the tab complains about is gathered in `complaints`, and the
    status of each answer that it gets in `answers`, as (path and query, status)."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.complaints, self.answers, self.loaded = [], [], set()
        self.number, self.session, self.rest = 0, None, b""
        ours = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (*os.pipe(), *os.pipe())]
        command_end, self.output, self.input, event_end = ours
        arguments = [
            program, "--headless", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run",
            # A container often has a small /dev/shm.
            "--disable-dev-shm-usage",
            "--disable-background-networking", "--disable-component-update", "--disable-extensions",
            "--hide-scrollbars", f"--user-data-dir={self.profile.name}",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        # Chromium reads commands from descriptor 3 and writes events to 4.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{command_end} 4>&{event_end}', "bash", *arguments],
            pass_fds=(command_end, event_end),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(command_end)
        os.close(event_end)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(PATIENCE)
        except (Failure, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()

    def call(self, method, **parameters):
        """The result of a command."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        answer = self.receive(lambda message: message.get("id") == self.number, method)
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def receive(self, is_wanted, name):
        """The next message that is wanted; notes what the others tell."""
        deadline = time.monotonic() + 2 * PATIENCE
        while True:
            while b"\0" in self.rest:
                line, self.rest = self.rest.split(b"\0", 1)
                message = json.loads(line)
                self.note(message)
                if is_wanted(message):
                    return message
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.input], [], [], left)[0]:
                raise Failure(f"the browser does not answer: {name}")
            data = os.read(self.input, 1 << 20)
            if not data:
                raise Failure("the browser ended")
            self.rest += data

    def note(self, message):
        about = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                details = about["exceptionDetails"]
                self.complaints.append(details.get("exception", details).get("description", "?"))
            case "Runtime.consoleAPICalled" if about["type"] in ("error", "warning", "assert"):
                values = [str(item.get("value", item.get("description"))) for item in about["args"]]
                self.complaints.append(" ".join(values))
            # A 401 is an error of the network to the browser, and none of the page's.
            case "Log.entryAdded" if about["entry"]["source"] != "network":
                if about["entry"]["level"] in ("error", "warning"):
                    self.complaints.append(about["entry"]["text"])
            case "Page.lifecycleEvent" if about["name"] == "load":
                self.loaded.add(about["loaderId"])
            case "Network.responseReceived":
                path = "/" + about["response"]["url"].split("/", 3)[3]
                self.answers.append((path, about["response"]["status"]))

    def open(self, url):
        """Loads a page, and waits until its script has run."""
        loader = self.call("Page.navigate", url=url)["loaderId"]
        if loader not in self.loaded:
            self.receive(lambda _: loader in self.loaded, url)

    def value(self, expression):
        """What the page makes of an expression; promises are awaited."""
        result = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            raise Failure(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, what, expression):
        """The value of an expression as soon as it is true; the browser looks again and again."""
        value = self.value(
            f"""(async () => {{
                for (const end = Date.now() + {PATIENCE * 1000}; Date.now() < end;) {{
                    const value = ({expression});
                    if (value) return value;
                    await new Promise((resume) => setTimeout(resume, 20));
                }}
            }})()"""
        )
        if value is None:
            raise Failure(f"{what}: not within {PATIENCE} s: {expression}")
        return value

    def key(self, key):
        """Presses and releases a key."""
        code = {"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38}.get(key, 0)
        typed = {"text": "\r" if key == "Enter" else key} if code in (0, 13) else {}
        about = {"key": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **about, **typed)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def window(self, width, height):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )

    def scheme(self, name):
        feature = {"name": "prefers-color-scheme", "value": name}
        self.call("Emulation.setEmulatedMedia", features=[feature])
