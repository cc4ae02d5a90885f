/// The command line of a shell that asks a gateway as this program would.
///
/// The token is left to the shell, so that no history and no terminal keeps it; curl itself takes what
/// follows `--oauth2-bearer` out of sight of `ps`.
///
/// - Parameter path: With its query.
func curlText(_ gateway: GatewayReader, path: String) -> String {
    let url = gateway.baseURL + path
    var words = [
        "curl", "--silent", "--show-error", "--fail-with-body",
        "--max-time", ReadingTerms.seconds(gateway.timeout), "--header",
        shellQuoted("Accept: application/json"),
    ]
    // curl would take brackets and braces for a pattern of many URLs.
    if url.contains(where: "[]{}".contains) { words.append("--globoff") }
    if gateway.token != nil { words += ["--oauth2-bearer", "\"$AMP_AUTH_TOKEN\""] }
    return (words + [shellQuoted(url)]).joined(separator: " ")
}

/// `text` as one word of a POSIX shell, in which nothing means anything.
func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
}
