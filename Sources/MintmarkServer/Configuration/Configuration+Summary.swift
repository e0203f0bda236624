import MintmarkProgram

extension Configuration {
    /// A file that sets everything as it is, with a comment on each line that says where the value came from.
    package var summary: String {
        var text =
            "# What mintmarkd --print-config found. No setting is a secret; secrets lie in the files that are named.\n"
        var open: ArraySlice<Substring> = []
        for setting in effective {
            let keys = setting.name.split(separator: ".")
            let groups = keys.dropLast()
            let shared = zip(open, groups).prefix { $0 == $1 }.count
            for (depth, group) in groups.enumerated().dropFirst(shared) {
                text += String(repeating: "  ", count: depth) + "\(group):\n"
            }
            open = groups
            let indent = String(repeating: "  ", count: groups.count)
            let line =
                setting.yaml.map { "\(keys[groups.count]): \($0)" } ?? "# \(keys[groups.count]): \(setting.value)"
            text += "\(indent)\(line)  # \(setting.origin.description.printable)\n"
        }
        return text
    }

    /// The same as one JSON object on one line: `settings`, each with `name`, `value`, and `origin` in words; one from a
    /// file has `file`, `line` and `column`, too.
    package var summaryAsJSON: String {
        var object = JSONObject()
        object.add(
            "settings",
            effective.map { setting in
                var entry = JSONObject()
                entry.add("name", setting.name)
                entry.add("value", setting.value)
                entry.add("origin", setting.origin.description)
                if case .file(let path, let line, let column) = setting.origin {
                    entry.add("file", path)
                    entry.add("line", line)
                    entry.add("column", column)
                }
                return entry
            }
        )
        return object.text + "\n"
    }
}
