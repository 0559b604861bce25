// How a log is opened.

package import Cryptography

/// Where a log is, who signs it, and how it behaves.
package struct LogConfiguration: Sendable {
    /// The folder of the log.
    package let directory: String
    /// The key of the log; its name is the origin.
    package let signer: NoteSignerKey
    /// The size of new segment files in bytes.
    package var segmentBytes = LogLimits.segmentBytes
    /// Free bytes on the file system below which the log stops.
    package var freeBytesMin = LogLimits.freeBytesMin
    /// How long the published checkpoint may lag behind, in milliseconds, when there is news.
    package var publicationMilliseconds = LogLimits.publicationMilliseconds
    /// Whether the next segment is zeroed ahead of time by a thread of its own.
    package var preparesSegments = true
    /// After which time a failed preparation of the next segment is tried again, in milliseconds.
    package var preparationRetryMilliseconds = LogLimits.preparationRetryMilliseconds
    /// What is asked on the way of a commit.
    package var disk: any LogDisk = SystemDisk()

    /// Names a log and its key.
    package init(directory: String, signer: NoteSignerKey) {
        self.directory = directory
        self.signer = signer
    }

    var layout: LogLayout { LogLayout(directory: directory) }
}
