// What the API tells of the log.

package import Bytes

/// The published part of a log: files that never change once they are whole.
package protocol PublishedLog: AnyObject, Sendable {
    /// The file at a path below `/log/`: `checkpoint`, a tile or a bundle of entries; nil if the log publishes none
    /// such.
    func publishedFile(_ path: Text) throws -> [UInt8]?
}
