// What a bundle is made of, before any of it has been read.

package import Bytes

/// A file's path and bytes.
package struct SourceFile: Hashable, Sendable {
    /// The path below the policy directory, with `/` between its parts.
    package let path: Text
    /// The content.
    package let bytes: [UInt8]

    /// Makes a file.
    package init(path: Text, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// The files of one surface.
package struct SurfaceSources: Sendable {
    /// The name of its folder, which is the surface's name.
    package let name: Text
    /// The file `surface.json`.
    package let settings: SourceFile
    /// The file `schema.cedarschema`.
    package let schema: SourceFile
    /// The `*.cedar` files, ascending by path.
    package let policies: [SourceFile]

    /// Collects the files.
    package init(name: Text, settings: SourceFile, schema: SourceFile, policies: [SourceFile]) {
        self.name = name
        self.settings = settings
        self.schema = schema
        self.policies = policies.sorted { $0.path < $1.path }
    }

    /// The folder's path.
    var path: Text { Text("surfaces/\(name)") }
}

/// The files of a bundle, sorted into their places, and the digest of all of them.
package struct PolicySources: Sendable {
    /// The file `bundle.json`.
    package let settings: SourceFile
    /// The file `common.cedarschema`.
    package let commonSchema: SourceFile
    /// `common/*.cedar`, ascending by path.
    package let commonPolicies: [SourceFile]
    /// `entities/*.json`, ascending by path.
    package let entities: [SourceFile]
    /// The surfaces, ascending by name.
    package let surfaces: [SurfaceSources]

    /// Collects the files.
    package init(
        settings: SourceFile,
        commonSchema: SourceFile,
        commonPolicies: [SourceFile],
        entities: [SourceFile],
        surfaces: [SurfaceSources]
    ) {
        self.settings = settings
        self.commonSchema = commonSchema
        self.commonPolicies = commonPolicies.sorted { $0.path < $1.path }
        self.entities = entities.sorted { $0.path < $1.path }
        self.surfaces = surfaces.sorted { $0.name < $1.name }
    }
}

/// Where a bundle came from, and what identifies it: as every statement names it.
package struct BundleIdentity: Hashable, Sendable {
    /// The name that its settings give.
    package let name: Text
    /// The version; 0 for an unsigned directory.
    package let version: UInt64
    /// The digest of its files.
    package let digest: Digest
    /// `directory` for an unsigned directory.
    package let source: Text

    /// Makes an identity.
    package init(name: Text, version: UInt64, digest: Digest, source: Text) {
        self.name = name
        self.version = version
        self.digest = digest
        self.source = source
    }
}

/// The bounds of a bundle.
package enum BundleLimits {
    /// The most bytes of all files together.
    package static let bytesMax = 32 << 20
    /// The most files.
    package static let filesMax = 10_000
    /// The most bytes of one policy, annotations included.
    package static let policyBytesMax = 64 << 10
    /// The most policies, those of `common` counted once.
    package static let policiesMax = 100_000
    /// The most bytes of a bundle's or a surface's name.
    package static let nameBytesMax = 64
    /// The most bytes of an `@id`.
    package static let policyIDBytesMax = 128
    /// The most bytes of a `@reason`.
    package static let reasonBytesMax = 1_024
    /// The most findings of Cedar's validator that are reported; policies behind them are not looked at.
    package static let findingsMax = 1_000
    /// The most surfaces.
    package static let surfacesMax = 1_000
}
