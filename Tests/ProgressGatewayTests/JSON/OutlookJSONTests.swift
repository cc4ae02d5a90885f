import NIOCore
import ProgressJSON
import ProgressRPC
import SwiftProtobuf
import Testing

@Suite("What include adds to an answer")
struct OutlookJSONTests {
    private static let progress = PBJobProgress.with { progress in
        progress.jobID = 7
        progress.jobStatus = "RUNNING"
        progress.tables = [
            .with {
                $0.name = "blocks"
                $0.startBlock = 0
                $0.currentBlock = 99
                $0.filesCount = 10
                $0.totalSizeBytes = 1_000
            }
        ]
        progress.asOf.observedAtUs = 1_700_000_100_000_000
        progress.outlook = .with { outlook in
            outlook.datasetNamespace = "eth"
            outlook.datasetName = "main"
            outlook.percent = 33.333_333
            outlook.etaSeconds = 30
            outlook.lastFileAtUs = 1_700_000_009_000_000
            outlook.tables = [
                .with {
                    $0.name = "blocks"
                    $0.revision = 3
                    $0.manifestHash = "ab"
                    $0.endBlock = .max
                    $0.percent = 33.333_333
                    $0.blocksPerSecond = 10
                    $0.etaSeconds = 30
                    $0.lastFileAtUs = 1_700_000_009_000_000
                    $0.missing = .init()
                    $0.missing.ranges = [.span(5, 6), .span(8, 8)]
                    $0.missing.omitted = 2
                    $0.fork = .span(90, 120)
                    $0.forkFiles = 3
                    $0.networks = [
                        .with {
                            $0.network = "base"
                            $0.blocks = .span(1, 2)
                        }
                    ]
                }
            ]
        }
    }

    private static let table = #"""
        {"job_id":7,"job_status":"RUNNING","tables":{"blocks":{"current_block":99,"start_block":0,\#
        "files_count":10,"total_size_bytes":1000
        """#

    @Test func withoutItTheBodyIsAmps() {
        let body = String(buffer: ProgressJSON.encode(Self.progress))
        #expect(body == Self.table + "}}}")
    }

    @Test func estimates() {
        let body = String(buffer: ProgressJSON.encode(Self.progress, including: .estimates))
        #expect(
            body == Self.table + #"""
                ,"revision":3,"manifest_hash":"ab","end_block":18446744073709551615,"percent":33.33,\#
                "blocks_per_second":10.0,"eta_seconds":30,"last_file_at":"2023-11-14T22:13:29+00:00",\#
                "networks":{"base":{"start_block":1,"end_block":2}}}},\#
                "dataset":"eth/main","observed_at":"2023-11-14T22:15:00+00:00","percent":33.33,\#
                "eta_seconds":30,"last_file_at":"2023-11-14T22:13:29+00:00","stalled_since":null}
                """#
        )
    }

    @Test func ranges() {
        let body = String(buffer: ProgressJSON.encode(Self.progress, including: .ranges))
        #expect(
            body == Self.table + #"""
                ,"missing_ranges":[[5,6],[8,8]],"missing_omitted":2,\#
                "fork":{"start_block":90,"end_block":120,"files":3},\#
                "networks":{"base":{"start_block":1,"end_block":2}}}}}
                """#
        )
    }

    @Test(arguments: [(99.999_999, "99.99"), (99.995, "99.99"), (100, "100.0"), (0.004, "0.0")])
    func onlyWhatIsDoneIsAHundredPercent(_ percent: Double, _ text: String) {
        var progress = Self.progress
        progress.outlook.percent = percent
        progress.outlook.tables[0].percent = percent
        let body = String(buffer: ProgressJSON.encode(progress, including: .estimates))
        #expect(body.split(separator: #""percent":\#(text),"#).count == 3)
    }

    @Test func nothingMissingIsAnEmptyList() {
        var progress = Self.progress
        progress.outlook.tables[0].missing.ranges = []
        let body = String(buffer: ProgressJSON.encode(progress, including: .ranges))
        #expect(body.contains(#""missing_ranges":[],"#))
    }

    @Test func whatIsNotKnownIsNull() {
        var progress = Self.progress
        progress.outlook = .with { $0.tables = [.with { $0.name = "blocks" }] }
        let parts: OutlookParts = [.estimates, .ranges]
        let body = String(buffer: ProgressJSON.encode(progress, including: parts))
        for member in [
            #""end_block":null"#, #""percent":null"#, #""blocks_per_second":null"#,
            #""eta_seconds":null"#, #""last_file_at":null"#, #""fork":null"#, #""networks":{}"#,
            #""missing_ranges":null"#, #""dataset":null"#, #""stalled_since":null"#,
        ] {
            #expect(body.contains(member), "\(member)")
        }
    }
}

extension PBBlockSpan {
    fileprivate static func span(_ start: UInt64, _ end: UInt64) -> Self {
        .with {
            $0.startBlock = start
            $0.endBlock = end
        }
    }
}
