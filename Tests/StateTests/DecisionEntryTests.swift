import Authorization
import Bytes
import State
import Testing
import WritTesting

@Suite struct DecisionEntryTests {
    private let start = StateSamples.instant

    @Test func permitIsLiveUntilItExpires() {
        let entry = StateSamples.decision(0, key: 1)
        let end = start + StateSamples.lifeMilliseconds
        #expect(entry.state(at: start) == .permitted)
        #expect(entry.state(at: end - 1) == .permitted)
        // Boundary: at the instant of expiry it is over.
        #expect(entry.state(at: end) == .expired)
        #expect(entry.state(at: end + 1) == .expired)
    }

    @Test(arguments: Cause.allCases) func onlyPermitsAreLive(cause: Cause) {
        let state = StateSamples.decision(0, cause: cause).state(at: start)
        #expect(state == (cause.outcome == .permit ? .permitted : .refused))
    }

    @Test func permitWithoutExpiryIsExpired() {
        let entry = withoutExpiry(.permitted)
        #expect(entry.state(at: .min) == .expired)
        #expect(entry.state(at: start) == .expired)
    }

    @Test func redeemedBecomesUnknownPastTheLimit() {
        let redemption = StateSamples.redemption(1)
        let entry = StateSamples.decision(0, redemption: redemption)
        let limit = redemption.actBy + StateSamples.effectMilliseconds
        #expect(entry.state(at: limit - 1) == .redeemed)
        #expect(entry.state(at: limit) == .redeemed)
        #expect(entry.state(at: limit + 1) == .unknown)
        #expect(entry.state(at: .max) == .unknown)
    }

    @Test(arguments: [EffectKind.executed, .failed, .notStarted]) func lateReportSettlesUnknown(kind: EffectKind) {
        var entry = StateSamples.decision(0, redemption: StateSamples.redemption(1))
        #expect(entry.state(at: .max) == .unknown)
        entry.take(StateSamples.effect(2, kind))
        #expect(entry.state(at: .max).rawValue == kind.rawValue)
    }

    @Test func redeemedRefusalIsRefused() {
        let entry = StateSamples.decision(0, cause: .forbidden, redemption: StateSamples.redemption(0))
        #expect(entry.state(at: start) == .refused)
    }

    @Test func windowStartsWhenSettled() {
        let window = StateSamples.windowMilliseconds
        let refused = StateSamples.decision(0, key: 1, cause: .noPermit)
        #expect(refused.remembers(at: start + window - 1))
        #expect(!refused.remembers(at: start + window))

        let expired = StateSamples.decision(0, key: 1)
        let end = start + StateSamples.lifeMilliseconds + window
        #expect(expired.remembers(at: end - 1))
        #expect(!expired.remembers(at: end))

        var executed = StateSamples.decision(0, key: 1, redemption: StateSamples.redemption(0))
        let effect = StateSamples.effect(1)
        executed.take(effect)
        #expect(executed.remembers(at: effect.at + window - 1))
        #expect(!executed.remembers(at: effect.at + window))
    }

    @Test func unsettledIsNeverForgotten() {
        let entry = StateSamples.decision(0, key: 1, redemption: StateSamples.redemption(0))
        for now in [start, start + StateSamples.windowMilliseconds * 400, .max] {
            #expect(entry.remembers(at: now))
            #expect(!entry.isSettled(at: now))
        }
    }

    @Test func livePermitIsNotSettled() {
        let entry = StateSamples.decision(0, key: 1)
        #expect(!entry.isSettled(at: start))
        #expect(entry.isSettled(at: start + StateSamples.lifeMilliseconds))
        #expect(StateSamples.decision(0, cause: .forbidden).isSettled(at: start))
    }

    @Test func sumsThatOverflowNeverForget() {
        let entry = withoutExpiry(.forbidden, window: .max)
        #expect(entry.remembers(at: .max - 1))
        let redemption = RedemptionEntry(
            by: "x",
            attempt: .zero,
            actBy: .max - 1,
            index: 1,
            treeSize: 2,
            segment: 0,
            offset: 0
        )
        let redeemed = StateSamples.decision(0, redemption: redemption)
        #expect(redeemed.state(at: .max) == .redeemed)
        #expect(redeemed.remembers(at: .max))
    }

    @Test func firstRedemptionAndEffectStand() {
        var entry = StateSamples.decision(0)
        let taken = [
            // No effect without a redemption.
            entry.take(StateSamples.effect(1)),
            entry.take(StateSamples.redemption(1)),
            entry.take(StateSamples.redemption(2)),
            entry.take(StateSamples.effect(3, .failed)),
            entry.take(StateSamples.effect(4, .executed)),
        ]
        #expect(taken == [false, true, false, true, false])
        #expect(entry.redemption == StateSamples.redemption(1))
        #expect(entry.effect == StateSamples.effect(3, .failed))
    }

    private func withoutExpiry(_ cause: Cause, window: Int64 = 1) -> DecisionEntry {
        DecisionEntry(
            id: StateSamples.id(0),
            index: 0,
            treeSize: 1,
            segment: 0,
            offset: 0,
            leaf: .zero,
            commitment: .zero,
            requestDigest: .zero,
            claimKey: nil,
            cause: cause,
            bundleDigest: nil,
            connection: "token:x",
            instant: start,
            expires: nil,
            windowMilliseconds: window,
            effectMilliseconds: 1
        )
    }
}
