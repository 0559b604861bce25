// The digest that identifies a bundle: docs/formats/bundle-directory.md.

package import Bytes
private import Cryptography
package import StrictPolicy

/// The identity of a set of files.
package enum TreeDigest {
    /// SHA-256 over the manifest of the files, whatever their order.
    package static func digest(of files: [SourceFile]) -> Digest { SHA256.digest(of: manifest(of: files)) }

    /// The manifest: RFC 8785 JSON of `[{"path","sha256","size"}]`, ascending by the bytes of the paths.
    package static func manifest(of files: [SourceFile]) -> [UInt8] {
        var writer = JSONWriter(capacity: files.count * 160 + 2)
        writer.beginArray()
        for file in files.sorted(by: { $0.path < $1.path }) {
            writer.beginObject()
            writer.member("path", file.path)
            writer.member("sha256", Text(SHA256.digest(of: file.bytes).hex))
            writer.member("size", file.bytes.count)
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }
}
