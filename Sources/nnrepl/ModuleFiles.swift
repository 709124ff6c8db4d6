import Glibc

/// The modules that lie in the folders of package.path and package.cpath.
enum ModuleFiles {
  /// Their names, of at most so many folders and files: nobody waits for Tab.
  static func names(_ path: String) -> [String] {
    var names: Set<String> = []
    for template in path.split(separator: ";").prefix(32) {
      let parts = template.split(separator: "?", omittingEmptySubsequences: false)
      // "folder/?.lua"; "folder/?/init.lua" gives folders.
      guard parts.count == 2, parts[0].isEmpty || parts[0].hasSuffix("/") else { continue }
      let (folder, ending) = (parts[0].isEmpty ? "." : String(parts[0]), String(parts[1]))
      guard let directory = opendir(folder) else { continue }
      defer { closedir(directory) }
      var count = 0
      while let entry = readdir(directory), count < 2000 {
        count += 1
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if ending.hasPrefix("/") {
          if LuaCursor.isIdentifier(name), access("\(folder)/\(name)\(ending)", F_OK) == 0 { names.insert(name) }
        } else if name.hasSuffix(ending), LuaCursor.isIdentifier(String(name.dropLast(ending.count))) {
          names.insert(String(name.dropLast(ending.count)))
        }
      }
    }
    return Array(names)
  }
}
