import Testing

@testable import ProgressServer

@Suite("progress-server tracking, as typed")
struct TrackingOptionsTests {
    private func message(_ arguments: [String]) -> String? {
        do throws(ConfigurationError) {
            _ = try ServerCommand(arguments: arguments, environment: [:])
            return nil
        } catch {
            return error.description
        }
    }

    @Test func theDatabaseMayStandOnEitherSide() {
        for word in ["install", "remove", "status", "prune"] {
            #expect(self.message(["--database", "dbname=x", "tracking", word]) == nil)
            #expect(self.message(["tracking", "--database", "dbname=x", word]) == nil)
            #expect(self.message(["tracking", word, "--database", "dbname=x"]) == nil)
        }
        let readers = ["--reader", "a", "--reader", "b"]
        #expect(self.message(["tracking", "install", "--database", "dbname=x"] + readers) == nil)
    }

    @Test(arguments: [
        ([], "tracking needs a word more: 'install', 'remove', 'status' or 'prune'"),
        (["status"], "--database is not given"),
        (["prune", "--database", "port=x"], "--database "),
        (["instal", "--database", "x"], "Unexpected argument"),
        (["remove", "--database", "x", "--reader", "a"], "Unknown option '--reader'"),
        (["install", "--database", "x", "--reader"], "Missing value"),
        (["status", "--database", "x", "more"], "Unexpected argument"),
    ])
    func eachMistakeIsNamed(_ row: (arguments: [String], words: String)) throws {
        let message = try #require(self.message(["tracking"] + row.arguments))
        #expect(message.contains(row.words), "\(message)")
    }

    @Test(arguments: ["socket", "peers", "pool-size", "log-level"])
    func whatItDoesNotUseIsRefused(_ option: String) throws {
        let message = self.message(["--\(option)", "1", "tracking", "status", "--database", "x"])
        #expect(message?.hasPrefix("--\(option) is given, which 'tracking' does not use") == true)
    }
}
