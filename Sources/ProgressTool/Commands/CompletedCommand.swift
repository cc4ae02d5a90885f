import ArgumentParser

/// A command as the generators of completion scripts are to see it.
///
/// They know subcommands by one name each, so that a shell would complete nothing behind an alias.
/// Here each alias is a subcommand beside the one that it stands for, with the same arguments.
/// Nothing is parsed with this: commands, help and manual pages know aliases themselves.
struct CompletedCommand<Command: ParsableCommand>: ParsableCommand {
    static var configuration: CommandConfiguration { Command.completedConfiguration }

    @OptionGroup var command: Command
}

/// A command by its alias.
///
/// Commands have one at most, as a type has one name.
private struct CompletedAlias<Command: ParsableCommand>: ParsableCommand {
    static var configuration: CommandConfiguration {
        var configuration = Command.completedConfiguration
        configuration.commandName = Command.configuration.aliases.first
        configuration.abstract = Command.aliasAbstract
        return configuration
    }

    @OptionGroup var command: Command
}

extension ParsableCommand {
    /// What shells that show descriptions would say of the alias.
    static var aliasAbstract: String { "The same as \(Self._commandName)." }

    fileprivate static var completedConfiguration: CommandConfiguration {
        var configuration = Self.configuration
        configuration.ungroupedSubcommands = configuration.subcommands.flatMap { $0.completed }
        configuration.groupedSubcommands = []
        configuration.aliases = []
        return configuration
    }

    private static var completed: [any ParsableCommand.Type] {
        guard !Self.configuration.aliases.isEmpty else { return [CompletedCommand<Self>.self] }
        return [CompletedCommand<Self>.self, CompletedAlias<Self>.self]
    }
}
