// What `bundle.json` says about a bundle.

import Bytes

/// The settings of a bundle.
struct BundleSettings {
    /// The bundle's name.
    let name: Text
    /// The namespace of `Agent` and the other shared types; nil if they have none.
    let namespace: Text?

    /// Reads the settings; nil, with problems, if anything is wrong with them.
    static func read(_ file: SourceFile) -> (settings: BundleSettings?, problems: [PolicyProblem]) {
        var reader = SettingsReader(file)
        guard let root = reader.root() else { return (nil, reader.problems) }
        var name: Text?
        var namespace: Text?
        for member in root.members {
            let path = [JSONStep.member(member.name)]
            switch member.name.string {
            case "name":
                name = reader.text(member.value, bytesMax: BundleLimits.nameBytesMax, at: path)
                if let name, !Names.isSimple(name) {
                    reader.fail(.invalidMember, at: path, "`name` must be \(Names.simpleForm)")
                }
            case "namespace":
                namespace = reader.text(member.value, bytesMax: BundleLimits.nameBytesMax, at: path)
            default: reader.failUnknown(member.name, at: [])
            }
        }
        if root["name"] == nil { reader.failMissing("name", at: []) }
        guard reader.problems.isEmpty, let name else { return (nil, reader.problems) }
        return (BundleSettings(name: name, namespace: namespace), [])
    }
}
