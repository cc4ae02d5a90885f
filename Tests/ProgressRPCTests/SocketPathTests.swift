import ProgressRPC
import Testing

struct SocketPathTests {
    @Test(arguments: [
        (nil, true, "/run/progress/rpc.sock"),
        ("/run/user/7", true, "/run/progress/rpc.sock"),
        ("/run/user/7", false, "/run/user/7/progress/rpc.sock"),
        ("run/user/7", false, nil), ("", false, nil), (nil, false, nil),
    ])
    func theStandardPathIsThatOfTheUser(
        _ row: (runtimeDirectory: String?, isRoot: Bool, path: String?)
    ) {
        let path = SocketPath.standard(
            runtimeDirectory: row.runtimeDirectory,
            isRoot: row.isRoot
        )
        #expect(path == row.path)
    }
}
