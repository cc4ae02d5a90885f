@main
enum BenchmarksMain {
    static func main() async {}
}
