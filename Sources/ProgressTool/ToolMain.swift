@main
enum ToolMain {
    static func main() async {}
}
