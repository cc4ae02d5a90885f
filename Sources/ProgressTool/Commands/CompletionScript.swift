import ArgumentParser

/// The script that completes command lines of `progressctl` in a shell, also behind aliases.
///
/// Aliases are not offered themselves, as two words for one thing would keep a shell from
/// completing either.
struct CompletionScript {
    private static let flag = "--generate-completion-script"

    let text: String

    /// - Parameter arguments: `--generate-completion-script`, alone or with a shell's name; `nil`
    ///   for all else, and for shells that have no script.
    init?(askedForBy arguments: [String]) {
        let words = arguments.flatMap { $0.split(separator: "=", maxSplits: 1) }.map(String.init)
        guard words.first == Self.flag, words.count <= 2,
            let shell = words.count == 2
                ? CompletionShell(rawValue: words[1]) : CompletionShell.autodetected()
        else { return nil }
        let script = CompletedCommand<ProgressCtl>.completionScript(for: shell)
        self.text = Self.withoutOffers(of: ProgressCtl.self, in: script)
    }

    /// Takes the aliases of subcommands, of all depths, out of what is offered.
    private static func withoutOffers(
        of command: any ParsableCommand.Type,
        in script: String
    ) -> String {
        let subcommands = command.configuration.subcommands
        let names = subcommands.map { $0._commandName }
        let everyName = subcommands.flatMap { [$0._commandName] + $0.configuration.aliases }
        var script = script
        if names != everyName {
            // bash: one list of words for each command.
            script = script.replacing(
                "compgen -W '\(everyName.joined(separator: " "))",
                with: "compgen -W '\(names.joined(separator: " "))"
            )
            // zsh and fish: one line for each word, with its description.
            let offers = subcommands.map { "\($0.aliasAbstract)'" }
            script = script.split(separator: "\n", omittingEmptySubsequences: false)
                .filter { line in !offers.contains { line.hasSuffix($0) } }
                .joined(separator: "\n")
        }
        return subcommands.reduce(script) { Self.withoutOffers(of: $1, in: $0) }
    }
}
