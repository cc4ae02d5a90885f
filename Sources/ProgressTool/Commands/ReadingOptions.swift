import ArgumentParser

/// Whom to ask, or only how a gateway would be asked; shared by the commands that read jobs.
struct ReadingOptions: ParsableArguments {
    @OptionGroup var whom: TargetOptions

    @Flag(help: "Print the curl command that asks the gateway for this, and do nothing else.")
    var curl = false

    func validate() throws {
        if self.curl, self.whom.socket != nil {
            throw ValidationError("'--curl' asks a gateway; it does not go with '--socket'")
        }
    }

    /// Prints how a gateway is asked for `path`, if nothing but that is wanted.
    ///
    /// - Returns: Whether it was, so that the command is over.
    /// - Throws: ``ToolError`` of status `usage` if the environment names a server.
    func printsCurl(
        _ path: String,
        environment: (String) -> String? = environmentVariable
    ) throws(ToolError) -> Bool {
        guard self.curl else { return false }
        guard case .gateway(let gateway) = try self.whom.target(environment: environment) else {
            throw ToolError(
                .usage,
                "'--curl' asks a gateway, and PROGRESS_SOCKET names a server",
                remedy: "give --admin-url"
            )
        }
        Console.current.write(curlText(gateway, path: path))
        return true
    }
}
