'use strict';
// Shows what the gateway answers, as text and nothing else, and changes nothing.

const EVERY = 2000, LIST_EVERY = 10000, REST_EVERY = 30000; // ms
const MOST_JOBS = 500, MOST_SHOWN = 100;
const GROUPS = {
	all: 'all', running: 'RUNNING,STOP_REQUESTED,STOPPING', failed: 'ERROR,FATAL,FAILED,FAILED_RECOVERABLE,FAILED_FATAL',
	waiting: 'SCHEDULED', stopped: 'STOPPED', done: 'COMPLETED',
};
const KINDS = Object.keys(GROUPS);
const kindOf = (row) => KINDS.find((kind) => GROUPS[kind].split(',').includes(row.status)) ?? 'waiting';

const ui = Object.fromEntries([...document.querySelectorAll('[id]')].map((node) => [node.id, node])), give = Object.assign;
const rows = new Map();
let memory = {}; // The token, as long as the tab is open.
try { memory = sessionStorage; } catch {}
let group, open; // What the address tells.
let hasMore, absent, drawn, timer, busy, again, held = {};
let running = 0, listedAt = 0, updatedAt = 0, nextAt = 0, failures = 0;

// Leaves what stays as it is alone, so that it can be selected.
function put(nodes, texts) {
	for (const [name, text] of Object.entries(texts)) if (nodes[name].textContent !== text) nodes[name].textContent = text;
}
const make = (parent, kinds) => Object.fromEntries(kinds.split(' ').map((kind) => {
	const [tag, className] = kind.split('.'), node = give(document.createElement(tag), { className });
	parent.append(node);
	return [className, node];
}));

const modified = (event) => event.ctrlKey || event.metaKey || event.altKey;
const has = (value, text) => (value == null ? '' : text(value));
const full = (n) => has(n, () => n.toLocaleString('en'));
const speed = (n) => has(n, () => n.toLocaleString('en', { maximumFractionDigits: n < 10 ? 1 : 0 }));
// Never rounded up, lest 100 % come early.
const percents = (n) => has(n, () => `${(Math.floor(n * 10) / 10).toFixed(1)} %`);
const files = (n) => `${full(n)} file${n === 1 ? '' : 's'}`;
const range = (from, to) => `${full(from)} – ${full(to)}`;
const clock = (time) => new Date(time).toLocaleString('sv');
function span(seconds) {
	const [size, unit] = [[86400, 'd'], [3600, 'h'], [60, 'min']].find(([least]) => seconds >= least) ?? [1, 's'];
	return `${Math.max(0, Math.floor(seconds / size))} ${unit}`;
}

async function get(path, tag) {
	const headers = {};
	if (memory.token) headers.Authorization = `Bearer ${memory.token}`;
	if (tag) headers['If-None-Match'] = tag;
	const answer = await fetch(path, { headers, cache: 'no-store', signal: AbortSignal.timeout(10000) }).catch(() => {
		throw give(Error('Server unreachable'), { status: 0 });
	});
	const { status } = answer, body = await answer.json().catch(() => null);
	if (status === 304) return {};
	if (answer.ok && body) return { body, tag: answer.headers.get('ETag') };
	throw give(Error(`Error ${status}: ${body?.error_message ?? 'no JSON'}`), { status, wait: answer.headers.get('Retry-After') });
}
// A failure of one job is not one of all.
function ofJob(error) {
	if (![400, 404, 500].includes(error.status)) throw error;
	return error.message;
}

// The newest jobs of the group, and all that run, however old.
async function readList() {
	const asked = group, one = open, list = async (kind) => (await get(`/jobs?limit=${MOST_JOBS}&status=${GROUPS[kind]}`)).body;
	const [active, newest] = await Promise.all([list('running'), list(asked)]);
	const found = asked === 'all' ? [...active.jobs, ...newest.jobs] : newest.jobs;
	absent = '';
	if (one && !found.some((job) => `${job.id}` === one)) {
		await get(`/jobs/${one}`).then((answer) => found.push(answer.body), (error) => { absent = ofJob(error); });
	}
	if (asked !== group || one !== open) return;
	running = active.jobs.length + (active.next_cursor ? '+' : '');
	hasMore = newest.next_cursor;
	listedAt = Date.now();
	for (const job of found) {
		const id = `${job.id}`, row = give(rows.get(id) ?? makeRow(id), { job, listedAt, status: job.status }), about = job.descriptor;
		if (about?.dataset_name) row.title = `${about.dataset_namespace}/${about.dataset_name}`;
	}
	for (const row of rows.values()) {
		if (row.listedAt === listedAt) continue;
		row.li.remove();
		rows.delete(row.id);
	}
}

// One question tells which jobs in view moved, mostly by a 304; of those, more is asked.
async function readProgress() {
	const now = Date.now(), shown = [...rows.values()].filter((row) => {
		const { top, bottom } = row.li.getBoundingClientRect();
		return row.id === open || (bottom > 0 && top < innerHeight);
	}).slice(0, MOST_SHOWN);
	if (!shown.length) return;
	const path = `/jobs/progress?ids=${shown.map((row) => row.id)}`, { body, tag } = await get(path, path === held.path && held.tag);
	if (body) held = { path, tag };
	for (const basic of body ? [...body.jobs, ...body.errors] : []) {
		const row = rows.get(`${basic.job_id}`), seen = JSON.stringify(basic);
		if (row?.seen !== seen) give(row ?? {}, { seen, news: true }, basic.tables && { basic, status: basic.job_status });
	}
	const due = shown.filter((row) => now - row.readAt >= (row.news ? 0 : REST_EVERY));
	await Promise.all(due.map((row) => {
		row.readAt = now;
		return get(row.path).then(({ body: more }) => {
			give(row, { more, status: more.job_status, news: false, error: '', heardAt: Date.now() });
			row.title ||= more.dataset;
		}, (error) => give(row, { error: ofJob(error), more: null }));
	}));
}

async function poll() {
	clearTimeout(timer);
	if (document.hidden || !ui.login.hidden) return;
	again = busy;
	if (busy) return;
	busy = true;
	let wait = EVERY;
	try {
		if (Date.now() - listedAt >= LIST_EVERY) await readList();
		render();
		await readProgress();
		updatedAt = Date.now();
		failures = 0;
		put(ui, { trouble: '' });
	} catch (error) {
		wait = fail(error);
	}
	busy = false;
	nextAt = Date.now() + wait;
	render();
	timer = setTimeout(poll, again ? 0 : wait);
}

// Returns ms to wait.
function fail(error) {
	const { status, message, wait } = error;
	if (status === undefined) console.error(error);
	if (status === 401 || status === 403) return ask(memory.token && `This token does not do. ${message}`);
	put(ui, { trouble: message + (updatedAt ? `; this is from ${clock(updatedAt)}` : '') });
	failures = Math.min(failures + 1, 5);
	return Math.max(EVERY * 2 ** failures * (0.5 + Math.random()), Math.min(wait, 300) * 1000 || 0);
}

function ask(why) {
	delete memory.token;
	rows.clear();
	held = {};
	ui.jobs.replaceChildren();
	running = listedAt = updatedAt = 0;
	put(ui, { trouble: '', refusal: why ?? '' });
	ui.login.hidden = false;
	ui.token.focus();
	render();
}

function makeRow(id) {
	const { row: li } = make(ui.jobs, 'li.row'), { cells: head, why } = make(li, 'div.cells p.why');
	const row = { id, li, head, why, readAt: 0, news: true, title: '', path: `/jobs/${id}/progress?include=estimates,ranges` };
	give(row, make(head, 'span.number a.name span.state div.bar span.pct span.at span.end span.rate span.eta span.age'));
	row.name.href = `/ui/jobs/${id}`;
	row.bar.role = 'progressbar';
	make(row.bar, 'i.fill');
	head.onclick = (event) => {
		if (modified(event)) return;
		event.preventDefault();
		show(open === id ? '' : id);
	};
	rows.set(id, row);
	return row;
}

function renderRow(row) {
	const { more } = row, told = more ?? row.basic, kind = kindOf(row), percent = more?.percent;
	const stalled = more?.stalled_since, endless = kind === 'running' && more && percent == null, detail = told?.detail;
	// The slowest table that has data.
	const [table] = Object.values(told?.tables ?? {}).filter((of) => of.files_count).sort((a, b) => a.current_block - b.current_block);
	// By the server's clock.
	const age = Date.parse(more?.observed_at) - Date.parse(more?.last_file_at) + Date.now() - row.heardAt;
	row.li.className = kind;
	put(row, {
		number: row.id, name: row.title || `job ${row.id}`, state: row.status.toLowerCase().replace('_', ' '), pct: percents(percent),
		at: full(table?.current_block), end: full(table?.end_block) || (endless ? 'no end' : ''), rate: speed(table?.blocks_per_second),
		eta: stalled ? 'stalled' : has(more?.eta_seconds, (n) => `${span(n)} left`), age: age ? `${span(age / 1000)} ago` : '',
		why: row.error || [detail?.error_code, detail?.error_message].filter(Boolean).join(': '),
	});
	row.name.ariaExpanded = row.id === open;
	row.eta.classList.toggle('warn', !!stalled);
	give(row.bar, { className: endless ? 'bar endless' : 'bar', ariaLabel: row.name.textContent, ariaValueNow: percent ?? null });
	row.bar.firstChild.style.width = `${percent ?? (kind === 'done' ? 100 : 0)}%`;
}

function renderPanel(row) {
	const { job, more } = row, told = more ?? row.basic, opened = ui.panel.parentNode !== row.li;
	if (opened) {
		row.li.append(ui.panel);
		ui.panel.hidden = false;
		drawn = null;
	}
	put(ui, {
		about: `on ${job.node_id} · created ${clock(job.created_at)} · ${row.state.textContent} since ${clock(job.updated_at)}`
			+ has(more?.stalled_since, (at) => ` · no new file since ${clock(at)}`),
		curl: `curl -s ${memory.token ? '-H "Authorization: Bearer $AMP_AUTH_TOKEN" ' : ''}'${location.origin}${row.path}'`,
	});
	if (told ? drawn === told : !opened) return;
	ui.tables.replaceChildren();
	for (const [name, table] of Object.entries(told?.tables ?? {})) {
		const { facts, ...part } = make(make(ui.tables, 'div.table').table, 'div.facts div.strip p.gaps p.fork p.networks');
		put(give(part, make(facts, 'b.name span.blocks span.files span.size span.speed b.pct')), {
			name, blocks: table.current_block == null ? 'no data' : range(table.start_block, table.current_block) + has(table.end_block, (n) => ` of ${full(n)}`),
			files: files(table.files_count), size: `${(table.total_size_bytes / 1e9).toFixed(2)} GB`,
			speed: has(table.blocks_per_second, (n) => `${speed(n)} blk/s`), pct: percents(table.percent), gaps: drawStrip(part.strip, table),
			fork: has(table.fork, (fork) => `Fork: ${files(fork.files)} of ${range(fork.start_block, fork.end_block)}`),
			networks: Object.entries(table.networks ?? {}).map(([network, at]) => `${network} ${range(at.start_block, at.end_block)}`).join(' · '),
		});
	}
	// When it opens, and once it has its tables.
	if (!drawn) row.li.scrollIntoView({ block: 'nearest' });
	drawn = told;
}

// Returns what is missing, in words.
function drawStrip(strip, { start_block: start, current_block: current, end_block: end, missing_ranges: missing, missing_omitted: omitted }) {
	// What is not known is not drawn.
	if (!missing) return missing === null ? 'What is missing is not known.' : '';
	const last = missing.at(-1) ?? [0, 0], first = start ?? last[0], most = omitted ? last[1] : Math.max(end, current, last[1], first);
	const toCome = end != null && !omitted && last[1] >= end, gaps = toCome ? missing.slice(0, -1) : missing, count = gaps.length + omitted;
	const at = (block) => ((block - first) / (most - first + 1)) * 100;
	const mark = (kind, from, to) => give(make(strip, `i.${kind}`)[kind].style, { left: `${at(from)}%`, width: `${at(to + 1) - at(from)}%` });
	if (count) mark('ahead', first, toCome ? last[0] - 1 : most);
	if (current != null) mark('synced', first, current);
	for (const gap of gaps) mark('gap', ...gap);
	return count ? `Missing: ${gaps.slice(0, 3).map((gap) => range(...gap)).join(', ')}${count > 3 ? ` and ${full(count - 3)} more` : ''}` : '';
}

function render() {
	const all = [...rows.values()], focused = document.activeElement, words = ui.text.value.trim().toLowerCase();
	let shown = 0;
	ui.main.hidden = !listedAt;
	for (const [index, row] of all.sort((a, b) => KINDS.indexOf(kindOf(a)) - KINDS.indexOf(kindOf(b)) || b.id - a.id).entries()) {
		if (ui.jobs.children[index] !== row.li) ui.jobs.insertBefore(row.li, ui.jobs.children[index]);
		renderRow(row);
		const text = `${row.title} #${row.id} ${row.status} ${row.job.node_id}`.toLowerCase();
		row.li.hidden = row.id !== open && !text.includes(words);
		shown += !row.li.hidden;
	}
	const told = rows.get(open);
	if (told) renderPanel(told);
	else ui.panel.remove();
	if (focused !== document.activeElement) focused.focus({ preventScroll: true });
	document.title = told ? `${told.pct.textContent} ${told.name.textContent}` : `${running} running · progress`;
	put(ui, {
		updated: updatedAt ? `${running} running, updated ${span((Date.now() - updatedAt) / 1000)} ago` : '',
		retry: `Try now (${Math.max(0, Math.ceil((nextAt - Date.now()) / 1000))} s)`,
		empty: absent || (shown ? '' : all.length ? 'No job matches. ' : 'No jobs that you may see.') + (hasMore ? 'Not all jobs are listed.' : ''),
	});
	ui.forget.hidden = !memory.token;
	for (const chip of ui.chips.children) chip.ariaPressed = chip.value === group;
}

function readAddress() {
	const { status, q = '' } = Object.fromEntries(new URLSearchParams(location.search));
	ui.text.value = q;
	show(location.pathname.split('/')[3], KINDS.includes(status) ? status : 'all');
}
// Another job is a step that the browser's Back undoes; a filter is none.
function writeAddress() {
	const q = ui.text.value, terms = new URLSearchParams({ ...(group !== 'all' && { status: group }), ...(q && { q }) });
	const path = open ? `/ui/jobs/${open}` : '/', write = path === location.pathname ? 'replaceState' : 'pushState';
	history[write](null, '', path + (terms.size ? `?${terms}` : ''));
}
function show(id, kind = group) {
	open = id;
	group = kind;
	listedAt &&= 1;
	writeAddress();
	render();
	poll();
}

for (const kind of KINDS) give(make(ui.chips, 'button.chip').chip, { textContent: kind, value: kind, onclick: () => show(open, kind) });
ui.text.oninput = () => { writeAddress(); render(); };
ui.retry.onclick = poll;
ui.forget.onclick = () => ask();
ui.copy.onclick = () => {
	getSelection().selectAllChildren(ui.curl);
	navigator.clipboard?.writeText(ui.curl.textContent).catch(() => {});
};
ui.login.onsubmit = (event) => {
	event.preventDefault();
	memory.token = ui.token.value;
	ui.token.value = '';
	ui.login.hidden = true;
	poll();
};
onkeydown = (event) => {
	const { key, target } = event, names = [...document.querySelectorAll('li:not([hidden]) > .cells > .name')];
	const at = names.indexOf(target), step = { j: 1, k: -1, ...(at >= 0 && { ArrowDown: 1, ArrowUp: -1 }) }[key];
	if (modified(event) || ui.main.hidden) return;
	if (key === 'Escape') {
		if (target === ui.text) ui.text.blur();
		else if (open) show();
	}
	if (target.tagName === 'INPUT') return;
	if (key === '/') ui.text.focus();
	else if (step) names[at + step]?.focus();
	else return;
	event.preventDefault();
};
document.onvisibilitychange = window.ononline = poll;
onpopstate = readAddress;
setInterval(render, 1000);
readAddress();
