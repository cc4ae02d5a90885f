import Testing

@testable import ProgressServer

@Suite("The inbox sleeps only on nothing")
struct InboxTests {
    @Test func whoMustMakeRoomDoesNotSleepAndCanBeWokenAfterwards() {
        var inbox = Inbox(requestLimit: 1)
        let first = inbox.take()
        let mustWake = inbox.wakeIfAsleep()
        #expect(first.isEmpty && mustWake)
        inbox.roomWanted()
        let taken = inbox.take()
        #expect(taken.wantsRoom && !taken.isEmpty)
        // The next look finds nothing: from there on it sleeps, and can be woken.
        let last = inbox.take()
        let (wakes, wakesTwice) = (inbox.wakeIfAsleep(), inbox.wakeIfAsleep())
        #expect(last.isEmpty && wakes && !wakesTwice)
    }
}
