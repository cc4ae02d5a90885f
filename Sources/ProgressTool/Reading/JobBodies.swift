import NIOCore
import ProgressJSON
import ProgressRPC

/// The bodies that a gateway would send about the messages of a server.
enum JobBodies {
    /// Of `GET /jobs/{id}`.
    static func job(_ job: PBJob) -> [UInt8] {
        Self.body { Self.write(job, into: &$0) }
    }

    /// Of `GET /jobs`, and of the jobs of a dataset.
    ///
    /// - Parameter nextCursor: 0: none.
    static func jobs(_ jobs: [PBJob], nextCursor: Int64) -> [UInt8] {
        Self.body { buffer in
            buffer.writeStaticString(#"{"jobs":["#)
            for (index, job) in jobs.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                Self.write(job, into: &buffer)
            }
            Self.writeEnd(nextCursor, into: &buffer)
        }
    }

    /// Of `GET /jobs/{id}/events`.
    static func events(_ answer: PBListJobEventsResponse) -> [UInt8] {
        Self.body { buffer in
            buffer.writeStaticString(#"{"job_id":"#)
            buffer.writeJSON(answer.jobID)
            buffer.writeStaticString(#","events":["#)
            for (index, event) in answer.events.enumerated() {
                buffer.writeStaticString(index > 0 ? #",{"id":"# : #"{"id":"#)
                buffer.writeJSON(event.id)
                Self.writeMembers(of: event, into: &buffer)
                buffer.writeStaticString("}")
            }
            Self.writeEnd(answer.nextCursor, into: &buffer)
        }
    }

    /// Of `GET /jobs/{id}/events/{event_id}`.
    static func event(_ answer: PBGetJobEventResponse) -> [UInt8] {
        Self.body { buffer in
            buffer.writeStaticString(#"{"id":"#)
            buffer.writeJSON(answer.event.id)
            buffer.writeStaticString(#","job_id":"#)
            buffer.writeJSON(answer.jobID)
            Self.writeMembers(of: answer.event, into: &buffer)
            if answer.event.hasDetailJson {
                // JSON already, and passed on as it is.
                buffer.writeStaticString(#","detail":"#)
                buffer.writeString(answer.event.detailJson)
            }
            buffer.writeStaticString("}")
        }
    }

    private static func body(_ write: (inout ByteBuffer) -> Void) -> [UInt8] {
        var buffer = ByteBuffer()
        write(&buffer)
        return Array(buffer.readableBytesView)
    }

    private static func write(_ job: PBJob, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"id":"#)
        buffer.writeJSON(job.id)
        buffer.writeStaticString(#","created_at":"#)
        buffer.writeJSON(rfc3339(microseconds: job.createdAtUs))
        buffer.writeStaticString(#","updated_at":"#)
        buffer.writeJSON(rfc3339(microseconds: job.updatedAtUs))
        buffer.writeStaticString(#","node_id":"#)
        buffer.writeJSON(job.nodeID)
        buffer.writeStaticString(#","status":"#)
        buffer.writeJSON(job.status)
        buffer.writeStaticString(#","descriptor":"#)
        buffer.writeString(job.hasDescriptorJson ? job.descriptorJson : "null")
        buffer.writeStaticString("}")
    }

    /// Writes what an event has in a list and alone, after its id.
    private static func writeMembers(of event: PBJobEvent, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#","created_at":"#)
        buffer.writeJSON(rfc3339(microseconds: event.createdAtUs))
        buffer.writeStaticString(#","node_id":"#)
        buffer.writeJSON(event.nodeID)
        buffer.writeStaticString(#","event_type":"#)
        buffer.writeJSON(event.eventType)
    }

    private static func writeEnd(_ nextCursor: Int64, into buffer: inout ByteBuffer) {
        if nextCursor == 0 {
            buffer.writeStaticString("]}")
        } else {
            buffer.writeStaticString(#"],"next_cursor":"#)
            buffer.writeJSON(nextCursor)
            buffer.writeStaticString("}")
        }
    }
}
