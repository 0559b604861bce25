// Waiting without doing anything.

import Glibc

/// Sleeping of the calling thread.
package enum Pause {
    /// Sleeps that many milliseconds, signals notwithstanding.
    package static let milliseconds: @Sendable (_ milliseconds: Int) -> Void = { milliseconds in
        var left = timespec(tv_sec: milliseconds / 1_000, tv_nsec: milliseconds % 1_000 * 1_000_000)
        var rest = timespec()
        while unsafe nanosleep(&left, &rest) != 0, rest.tv_sec > 0 || rest.tv_nsec > 0 {
            left = rest
            rest = timespec()
        }
    }
}
