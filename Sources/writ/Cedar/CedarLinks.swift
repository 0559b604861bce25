// The file in which `writ cedar link` keeps the policies that are linked to templates.

import Bytes
import Cedar
import Runtime

/// One link as the file has it: an array of these, as the reference command-line tool writes it.
struct CedarLinks {
    let template: Text
    let id: Text
    /// Slots and entities, as texts.
    let arguments: [(slot: Text, uid: Text)]

    /// The most bytes of the file.
    static let bytesMax = 32 << 20

    /// Reads a file; one that does not exist or is empty has no links.
    static func read(_ path: String) throws -> [CedarLinks] {
        guard try Files.exists(path) else { return [] }
        let bytes = try Files.read(path, bytesMax: bytesMax)
        guard !bytes.isEmpty else { return [] }
        let json = try CedarInput.json(path)
        guard json.kind == .array else { throw CommandFailure("`\(path)`: expected an array of links") }
        return try json.elements.map { try CedarLinks($0, in: "`\(path)`") }
    }

    /// Replaces the file.
    static func write(_ links: [CedarLinks], to path: String) throws {
        var writer = JSONWriter()
        writer.beginArray()
        for link in links {
            writer.beginObject()
            writer.member("template_id", link.template)
            writer.member("link_id", link.id)
            writer.name("args")
            writer.beginObject()
            for argument in link.arguments { writer.member(argument.slot, argument.uid) }
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
        try Files.replace(path, with: writer.bytes, permissions: 0o644)
    }

    init(template: Text, id: Text, arguments json: JSONValue, in place: String) throws {
        self.template = template
        self.id = id
        guard json.kind == .object else { throw CommandFailure("\(place): the arguments are an object") }
        arguments = try json.members.map { member in
            guard let uid = member.value.string else {
                throw CommandFailure("\(place): the value of `\(Terminal.plain(member.name.string))` is not a string")
            }
            return (member.name, uid)
        }
    }

    private init(_ json: JSONValue, in place: String) throws {
        let known: Set<Text> = ["template_id", "link_id", "args"]
        guard json.kind == .object, json.count == known.count, json.members.allSatisfy({ known.contains($0.name) }),
            let template = json["template_id"]?.string, let id = json["link_id"]?.string, let arguments = json["args"]
        else {
            throw CommandFailure("\(place): a link has `template_id`, `link_id` and `args`, and nothing else")
        }
        try self.init(template: template, id: id, arguments: arguments, in: place)
    }

    /// The link with its entities read.
    func link() throws -> TemplateLink {
        var slots: [Slot: EntityUID] = [:]
        for argument in arguments {
            guard let slot = Slot.allCases.first(where: { $0.description == argument.slot.string }) else {
                let name = Terminal.plain(argument.slot.string)
                throw CommandFailure("`\(name)` is not one of the slots `?principal` and `?resource`")
            }
            slots[slot] = try CedarInput.uid(argument.uid.string, in: "`\(slot)`")
        }
        return TemplateLink(id: id, template: template, slots: slots)
    }
}
