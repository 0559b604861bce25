internal import CSystem
internal import Glibc

/// What a process that holds keys does to itself when it starts.
package enum ProcessHardening {
    /// Forbids core dumps, and that other processes of the same user read this one's memory.
    package static func forbidCoreDumps() throws(SystemError) {
        guard writ_forbid_core_dumps() == 0 else {
            throw .last("forbid core dumps")
        }
    }

    /// Forbids that this process and what it starts gain privileges by exec.
    package static func forbidNewPrivileges() throws(SystemError) {
        guard writ_forbid_new_privileges() == 0 else {
            throw .last("forbid new privileges")
        }
    }

    /// Gives large blocks of memory back as soon as they are freed; where that cannot be had, nothing else changes.
    package static func returnLargeBlocks() {
        _ = writ_return_large_blocks()
    }

    /// Raises the soft limit of open files to the hard one, and answers it.
    @discardableResult
    package static func raiseFileLimit() throws(SystemError) -> Int64 {
        let limit = writ_raise_file_limit()
        guard limit >= 0 else {
            throw .last("raise the limit of open files")
        }
        return limit
    }

    /// Ignores SIGPIPE, so that a peer that has gone is an error of a write and not the end of the process.
    package static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }
}
