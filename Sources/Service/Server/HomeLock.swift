// One gate at a time in a home, and its log as the API tells it.

package import Bytes
import DecisionPoint
import Glibc
package import Ledger
import Runtime

/// Why a home is not served.
package enum HomeLockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another gate serves this home.
    case locked(path: String)

    /// One line that says so.
    package var description: String {
        switch self {
        case .locked(let path): "another gate serves the home `\(path)`"
        }
    }
}

/// The claim of one process on a home; it ends with this object, or with the process.
final class HomeLock: Sendable {
    private let lock: DirectoryLock

    init(_ home: Home) throws {
        try Files.createDirectory(home.stateDirectory)
        do throws(SystemError) {
            lock = try DirectoryLock(claiming: home.stateDirectory)
        } catch {
            guard error.number == EWOULDBLOCK else { throw error }
            throw HomeLockError.locked(path: home.path)
        }
    }
}

extension Log: PublishedLog {
    /// The file at a path below `/log/`.
    package func publishedFile(_ path: Text) throws -> [UInt8]? { try file(path: path.utf8) }
}

extension GateReply {
    /// Whether the statement is durable.
    var isRecorded: Bool {
        switch self {
        case .recorded: true
        case .unavailable: false
        }
    }
}
