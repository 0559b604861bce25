// Every bound of an enforcement point, in one place.

/// What an enforcement point waits for, keeps and accepts at most.
package enum EnforcementLimits {
    /// The most bytes of an answer of the gate.
    package static let answerBytesMax = 1 << 20
    /// The most time for a ruling, repeats of a lost question included.
    package static let askMilliseconds = 5_000
    /// How often one question is put with the same attempt.
    package static let askTriesMax = 4
    /// The most time for a report of an effect, repeats included.
    package static let reportMilliseconds = 5_000
    /// How often one report is made.
    package static let reportTriesMax = 4
    /// The pause before the first repeat; each further one is twice as long.
    package static let retryPauseMilliseconds = 50
    /// The longest time to act that any surface may grant (`act_milliseconds` of `surface.json`).
    package static let actMillisecondsMax = 60_000
    /// The most bytes of a file with a token.
    package static let tokenBytesMax = 512
    /// The most bytes of a program that is digested before it runs.
    package static let programBytesMax: Int64 = 1 << 30
    /// The most names of variables that a command may get.
    package static let environmentNamesMax = 64
    /// The most members of the context of one command.
    package static let contextMembersMax = 256
}
