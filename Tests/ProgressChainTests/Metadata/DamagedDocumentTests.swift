import TestSupport
import Testing

@testable import ProgressChain

@Suite("Damaged documents never trap")
struct DamagedDocumentTests {
    private let names = NetworkNames()
    private let document = Array(
        DocumentText().with("new", #"[1.5e-3,"\u00e9\ud83d\ude00é",{"a":null,"b":[true,false]}]"#)
            .utf8
    )

    private func isAccepted(_ bytes: [UInt8]) -> Bool {
        (try? FileMetadataDocument(decoding: bytes.span, names: self.names)) != nil
    }

    @Test func everyStrictPrefixIsRefused() {
        #expect(self.isAccepted(self.document))
        for count in 0..<self.document.count {
            #expect(!self.isAccepted(Array(self.document.prefix(count))), "\(count) bytes")
        }
    }

    @Test func everyByteCanBeReplaced() {
        var acceptedCount = 0
        var document = self.document
        for place in document.indices {
            let original = document[place]
            for byte in [0x00, 0x0A, 0x20, 0x22, 0x2C, 0x2D, 0x30, 0x39, 0x5B, 0x5C, 0x5D]
                as [UInt8]
                + [0x61, 0x65, 0x75, 0x7B, 0x7D, 0x7F, 0x80, 0xC3, 0xE2, 0xF0, 0xFF]
            {
                document[place] = byte
                acceptedCount += self.isAccepted(document) ? 1 : 0
            }
            document[place] = original
        }
        // Digits of numbers and hashes, letters of strings: some replacements make a good document.
        #expect(acceptedCount > 500)
    }

    @Test func everyByteCanBeLeftOutOrDoubled() {
        for place in self.document.indices {
            var shorter = self.document
            let byte = shorter.remove(at: place)
            _ = self.isAccepted(shorter)
            var longer = self.document
            longer.insert(byte, at: place)
            _ = self.isAccepted(longer)
        }
        #expect(self.isAccepted(self.document))
    }

    @Test func randomBytesAreRefused() {
        var generator = SplitMix64(seed: 1)
        let alphabet = Array(#"{}[]:,"\0123456789.-eEtruefalsn u"#.utf8) + [0x80, 0xE2, 0xFF]
        for _ in 0..<1000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).compactMap { _ in alphabet.randomElement(using: &generator) }
            #expect(!self.isAccepted(bytes), "\(bytes)")
        }
    }
}
