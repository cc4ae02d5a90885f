package import NIOCore
package import ProgressRPC

/// The bodies of `GET /jobs/{id}/events` and of one event, fields in Amp's order.
package enum JobEventJSON {
    /// A page of events, without details: `{"job_id":N,"events":[…],"next_cursor":N}`.
    ///
    /// - Parameter nextCursor: Where the next page begins; `nil`: there is none, and no such member.
    package static func encode(
        _ events: [PBJobEvent],
        of jobID: Int64,
        nextCursor: Int64?
    ) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(64 + 160 * events.count)
        buffer.writeStaticString(#"{"job_id":"#)
        buffer.writeJSON(jobID)
        buffer.writeStaticString(#","events":["#)
        for (index, event) in events.enumerated() {
            buffer.writeStaticString(index > 0 ? #",{"id":"# : #"{"id":"#)
            buffer.writeJSON(event.id)
            Self.encodeOrigin(of: event, into: &buffer)
            buffer.writeStaticString("}")
        }
        buffer.writeStaticString("]")
        buffer.writeNextCursor(nextCursor)
        buffer.writeStaticString("}")
        return buffer
    }

    /// The answer about one event, with its detail if it has one.
    package static func encode(_ event: PBJobEvent, of jobID: Int64) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(192 + event.detailJson.utf8.count)
        buffer.writeStaticString(#"{"id":"#)
        buffer.writeJSON(event.id)
        buffer.writeStaticString(#","job_id":"#)
        buffer.writeJSON(jobID)
        Self.encodeOrigin(of: event, into: &buffer)
        if event.hasDetailJson {
            // JSON already, and passed on as it is.
            buffer.writeStaticString(#","detail":"#)
            buffer.writeString(event.detailJson)
        }
        buffer.writeStaticString("}")
        return buffer
    }

    /// When and where what happened.
    private static func encodeOrigin(of event: PBJobEvent, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#","created_at":"#)
        buffer.writeJSON(microseconds: event.createdAtUs)
        buffer.writeStaticString(#","node_id":"#)
        buffer.writeJSON(event.nodeID)
        buffer.writeStaticString(#","event_type":"#)
        buffer.writeJSON(event.eventType)
    }
}
