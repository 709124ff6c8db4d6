import Testing

@testable import nnrepl

@Suite("Images") struct ImageTests {
  private func gray(_ rows: [[Double]], title: String? = nil) -> Pixels {
    Pixels(title: title, width: rows[0].count, height: rows.count, colors: rows.flatMap { $0 }.map(RGB.init(gray:)))
  }

  @Test("half blocks: two pixels in a character, an odd last row over black") func halfBlocks() {
    let style = PixelsText(isUnicode: true, depth: .full, width: 80, pictureWidth: 1)
    let grid = style.draw([gray([[1], [0], [1]])], title: nil)
    #expect(grid.rows.map { $0[0].character } == ["▀", "▀"])
    let (white, black) = (RGB(255, 255, 255), RGB(0, 0, 0))
    #expect(grid.rows.map { $0[0].paint } == [.colors(white, on: black), .colors(white, on: black)])
  }

  @Test("without colours: shades, two characters a pixel, also in Unicode", arguments: [true, false])
  func shades(_ isUnicode: Bool) {
    let style = PixelsText(isUnicode: isUnicode, depth: .none, width: 80, pictureWidth: 6)
    #expect(style.draw([gray([[0, 0.5, 1], [1, 0, 0.5]])], title: nil).text(.none) == "  ++@@\n@@  ++\n")
  }

  @Test("a grid with titles, cut to their images") func titles() {
    let pictures = ["one", "a long one", "three"].map { gray([[1, 1], [1, 1]], title: $0) }
    let style = PixelsText(isUnicode: true, depth: .none, width: 80, columns: 2, pictureWidth: 4)
    let expected = """
          All
      one   a lo…
      @@@@  @@@@
      @@@@  @@@@
      three
      @@@@
      @@@@

      """
    #expect(style.draw(pictures, title: "All").text(.none) == expected)
  }

  @Test("a small picture grows by a whole factor, a large one shrinks by means") func sizes() {
    let small = PixelsText(isUnicode: false, depth: .none, width: 80).draw([gray([[0, 1]])], title: nil)
    #expect((small.rows.count, small.width) == (20, 81))
    let fine = gray([[0, 1, 1, 0], [1, 0, 0, 1]])
    #expect(fine.resized(width: 2, height: 1) == gray([[0.5, 0.5]]))
    #expect(gray([[0, 1]]).resized(width: 4, height: 2) == gray([[0, 0, 1, 1], [0, 0, 1, 1]]))
  }

  @Test(
    "256 colours: grays by 24 steps, others by the cube",
    arguments: [
      (RGB(0, 0, 0), 16), (RGB(255, 255, 255), 231), (RGB(8, 8, 8), 232), (RGB(238, 238, 238), 255),
      (RGB(255, 0, 0), 196), (RGB(0, 0, 95), 17), (RGB(95, 135, 175), 67),
    ])
  func palette(_ color: RGB, _ expected: Int) { #expect(color.paletteIndex == expected) }

  @Test("a confusion matrix") func matrix() {
    var matrix = Matrix(rows: 2, columns: 2, values: [50, 2, 3, 1044], labels: ["top", "bag"], title: "Errors")
    matrix.xLabel = "predicted"
    let expected = """
          Errors
           predicted
            top  bag
      top    50    2
      bag     3 1044

      """
    #expect(matrix.draw(width: 80, isUnicode: true, hasColors: false).text(.none) == expected)
    #expect(matrix.color(0, 1) == RGB(255, 255, 255))
    #expect(matrix.ink(0, 1) == RGB(0, 0, 0))
    #expect(matrix.ink(1, 1) == RGB(255, 255, 255))
  }

  @Test("numbers that are no whole ones have two decimals; all equal is no division by nothing") func numbers() {
    let matrix = Matrix(rows: 1, columns: 3, values: [0.5, .nan, 0.5])
    #expect(
      matrix.draw(width: 80, isUnicode: true, hasColors: true).text(.none) == "      0    1    2\n0  0.50  nan 0.50\n")
    #expect(matrix.color(0, 0) == RGB(255, 255, 255))
  }
}
