import NIOCore
import TestSupport
import Testing

@testable import ProgressRPC

/// An entry of `protocol/vectors/lz4.json`.
struct CompressionVector: Decodable, CustomTestStringConvertible, Sendable {
    struct File: Decodable {
        var vectors: [CompressionVector]
    }

    struct Run: Decodable, Sendable {
        var hex: String
        var count: Int
    }

    struct Expectation: Decodable, Sendable {
        var output: [Run]?
        var error: String?
        var mayDecode: Bool?
    }

    var name: String
    var maxRecv: Int
    var hex: String
    var expect: Expectation

    var testDescription: String { self.name }

    static let all: [CompressionVector] =
        (try? ProtocolVectors.load("lz4.json", as: File.self).vectors) ?? []
}

@Suite("protocol/vectors/lz4.json")
struct CompressionVectorTests {
    @Test("The file is there")
    func exists() {
        #expect(CompressionVector.all.count > 40)
    }

    @Test("Each entry is understood as written", arguments: CompressionVector.all)
    func entry(_ vector: CompressionVector) throws {
        let body = ByteBuffer(bytes: try #require(ProtocolVectors.bytes(vector.hex)))
        let found = Result { () throws(WireError) in
            try Compression.decompress(body, limit: vector.maxRecv)
        }
        switch found {
        case .success(let raw):
            guard let output = vector.expect.output else {
                #expect(vector.expect.mayDecode == true)
                return
            }
            let expected = try output.flatMap { run in
                let bytes = try #require(ProtocolVectors.bytes(run.hex))
                return Array(repeating: bytes, count: run.count).flatMap { $0 }
            }
            #expect(Array(raw.readableBytesView) == expected)
        case .failure(let error):
            #expect(error.code == .badCompression)
            #expect(vector.expect.error == "bad_compression")
        }
    }
}
