import Glibc

@main
enum ToolMain {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        exit(await ToolApplication.run(arguments).rawValue)
    }
}
