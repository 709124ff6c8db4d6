/// Boxes in ranks from top to bottom, and the wires between them; in characters.
struct DiagramLayout {
  struct Node {
    var lines: [String]
    /// Positions of nodes before this one.
    var sources: [Int]
  }

  struct Box {
    var x: Int
    var y: Int
    let width: Int
    let height: Int
    let lines: [String]
    var middle: Int { x + width / 2 }
  }

  /// Down, across, down: from below a box to above another.
  struct Wire {
    /// The box or wire that it comes from: wires of one source may join.
    let source: Int
    let from: (x: Int, y: Int)
    /// The row in which it goes across.
    let turn: Int
    let to: (x: Int, y: Int)
    let hasArrow: Bool
  }

  private(set) var boxes: [Box] = []
  private(set) var wires: [Wire] = []
  private(set) var width = 0
  private(set) var height = 0

  private static let gap = 3

  /// One place in a rank: a box, or a wire that goes on to a rank further below.
  private struct Place {
    let node: Int?
    let rank: Int
    var sources: [Int]
    var x = 0
    var width: Int
    var middle: Int { x + width / 2 }
  }

  init(_ nodes: [Node]) {
    var places: [Place] = []
    var placeOf: [Int] = []
    var ranks: [[Int]] = []
    func add(_ place: Place) -> Int {
      while ranks.count <= place.rank { ranks.append([]) }
      places.append(place)
      ranks[place.rank].append(places.count - 1)
      return places.count - 1
    }
    // Wires that pass ranks, by their source and rank: one wire feeds all that is below.
    var passing: [[Int]: Int] = [:]
    for (number, node) in nodes.enumerated() {
      let rank = (node.sources.map { places[placeOf[$0]].rank }.max() ?? -1) + 1
      var sources: [Int] = []
      for source in node.sources {
        var last = placeOf[source]
        for between in stride(from: places[last].rank + 1, to: rank, by: 1) {
          if let known = passing[[source, between]] {
            last = known
          } else {
            last = add(Place(node: nil, rank: between, sources: [last], width: 1))
            passing[[source, between]] = last
          }
        }
        if !sources.contains(last) { sources.append(last) }
      }
      placeOf.append(
        add(Place(node: number, rank: rank, sources: sources, width: (node.lines.map(\.count).max() ?? 0) + 4)))
    }
    DiagramLayout.arrange(&places, &ranks)
    width = ranks.map { DiagramLayout.width($0, places) }.max() ?? 0
    lay(places, ranks, nodes)
  }

  private static func width(_ rank: [Int], _ places: [Place]) -> Int {
    rank.reduce(0) { $0 + places[$1].width } + gap * max(rank.count - 1, 0)
  }

  /// Each rank in the middle, its places in the order of what feeds them.
  private static func arrange(_ places: inout [Place], _ ranks: inout [[Int]]) {
    let total = ranks.map { width($0, places) }.max() ?? 0
    for rank in ranks.indices {
      let keys = ranks[rank].map { place in
        let sources = places[place].sources
        return sources.isEmpty
          ? Double(total) / 2 : Double(sources.reduce(0) { $0 + places[$1].middle }) / Double(sources.count)
      }
      let order = ranks[rank].indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
      ranks[rank] = order.map { ranks[rank][$0] }
      var x = (total - width(ranks[rank], places)) / 2
      for place in ranks[rank] {
        places[place].x = x
        x += places[place].width + gap
      }
    }
  }

  private mutating func lay(_ places: [Place], _ ranks: [[Int]], _ nodes: [Node]) {
    var y = 0
    for (number, rank) in ranks.enumerated() {
      let tallest = rank.compactMap { places[$0].node.map { nodes[$0].lines.count + 2 } }.max() ?? 1
      if number > 0 { y = connect(rank, ranks[number - 1], places, from: y) }
      for index in rank {
        let place = places[index]
        if let node = place.node {
          let lines = nodes[node].lines
          boxes.append(Box(x: place.x, y: y, width: place.width, height: lines.count + 2, lines: lines))
          // A box that is lower than its neighbours has a longer wire.
          let bottom = y + lines.count + 2
          if bottom < y + tallest, ranks.count > number + 1,
            ranks[number + 1].contains(where: { places[$0].sources.contains(index) })
          {
            pass(index, place.middle, bottom, y + tallest - 1)
          }
        } else {
          pass(index, place.middle, y, y + tallest - 1)
        }
      }
      y += tallest
    }
    height = y
  }

  private mutating func pass(_ source: Int, _ x: Int, _ top: Int, _ bottom: Int) {
    wires.append(Wire(source: source, from: (x, top), turn: top, to: (x, bottom), hasArrow: false))
  }

  /// The wires into a rank; returns the row in which the rank's boxes begin.
  private mutating func connect(_ rank: [Int], _ above: [Int], _ places: [Place], from y: Int) -> Int {
    var entries: [(source: Int, target: Int, x: Int)] = []
    for target in rank {
      let place = places[target]
      var x = place.middle
      // No step to the side where rounding alone asks for one.
      if place.node != nil, let near = place.sources.map({ places[$0].middle }).first(where: { abs($0 - x) <= 1 }) {
        x = near
      }
      // Beside the wire of somebody else that would come down there.
      if place.node != nil, above.contains(where: { places[$0].middle == x && !place.sources.contains($0) }) { x += 2 }
      for source in place.sources { entries.append((source, target, x)) }
    }
    // Wires that go across at the same place need rows of their own.
    var rows: [[ClosedRange<Int>]] = []
    var rowOf: [Int: Int] = [:]
    for source in above {
      let ends = entries.filter { $0.source == source }.map(\.x) + [places[source].middle]
      guard let low = ends.min(), let high = ends.max(), low < high else { continue }
      let row = rows.firstIndex { !$0.contains { $0.overlaps(low...high) } } ?? rows.count
      if row == rows.count { rows.append([]) }
      rows[row].append(low...high)
      rowOf[source] = row
    }
    let last = y + rows.count
    for entry in entries {
      wires.append(
        Wire(
          source: entry.source, from: (places[entry.source].middle, y), turn: y + (rowOf[entry.source] ?? 0),
          to: (entry.x, last), hasArrow: places[entry.target].node != nil))
    }
    return last + 1
  }
}
