-- nn.plot and nn.imshow: what they take, what they refuse, and files where gnuplot is installed.
local check = require "check"

-- not on a terminal nothing is drawn, but everything is checked
local x = nn.linspace(-3, 3, 50)
nn.plot(x)
nn.plot(x, x * x)
nn.plot{x, x * x, title="a", xlabel="b", ylabel="c", label="d", legend=false, log="y", width=40, height=5}
nn.plot{{x, x, label="a"}, {x * 2, label="b"}, {{1, 2}, {3, 4}}, ylog=true}
nn.plot{1, 4, 9, label="squares"}
nn.plot({1, 2, 3}, {4, 5, 6}, {labels={"a"}})
nn.plot{x={1, 2}, y={3, 4}}
nn.plot{x, nn.stack{x, x * x}:transpose{2, 1}, labels={"x", "square"}}
nn.plot{1, 0/0, 3}
check.fails("plot: expected a history, x and y", nn.plot)
check.fails("plot: there is nothing to draw: no point is finite", nn.plot, {0/0, 1/0})
check.fails("plot: there is nothing to draw: no points", nn.plot, nn.tensor{})
check.fails("plot: x and y must have the same length, got 2 and 3", nn.plot, {1, 2}, {1, 2, 3})
check.fails("plot: 'y' must be a tensor or a list of numbers, got string", nn.plot, "x")
check.fails("plot: unknown argument 'tilte'; did you mean 'title'?", nn.plot, {x, tilte="a"})
check.fails("plot: line 2: expected {x, y, label=…}, got number", nn.plot, {{x, x}, 3})
check.fails("plot: line 1: unknown argument 'lable'; did you mean 'label'?", nn.plot, {{x, x, lable="a"}})
check.fails("plot: 2 labels for 1 line", nn.plot, {x, labels={"a", "b"}})
check.fails("plot: 'log' must be", nn.plot, {x, log="z"})
check.fails("plot: 'width' must be from 20 to 1000, got 3", nn.plot, {x, width=3})
check.fails("needs positive values, and y has none", nn.plot, {-1, -2, log="y"})
check.fails("plot: 'file' must end in .svg, .png or .pdf, got 'a.jpg'", nn.plot, {x, file="a.jpg"})

-- histories
local model = nn.Sequential{nn.layers.Dense{4, input_shape={2}}, nn.layers.Dense(1)}
model:compile{loss="mse", optimizer="sgd", metrics={"mae"}}
local history = model:fit(nn.random.normal{20, 2}, nn.zeros{20, 1}, {epochs=4, validation_split=0.5, verbose=0})
nn.plot(history)
nn.plot{history, keys={"loss"}, log="y"}
nn.plot(history, {title="Training"})
check.fails("plot: history: no 'los'; did you mean 'loss'?", nn.plot, {history, keys={"los"}})
check.fails("plot: a history is drawn alone", nn.plot, {history, history})
check.fails("plot: 'keys' chooses from a history", nn.plot, {x, keys={"loss"}})

-- images
local images = nn.random.uniform{shape={4, 6, 5}}
nn.imshow(images[1])
nn.imshow(images, {titles={"a", "b", "c", "d"}, columns=2, title="all"})
nn.imshow(images, {titles=nn.tensor{1, 2, 3, 4}})
nn.imshow{images[1], cmap="binary", vmin=0, vmax=0.5, width=10}
nn.imshow(images[1]:reshape{6, 5, 1})
nn.imshow(nn.random.uniform{shape={2, 4, 4, 3}})
nn.imshow{{0, 1}, {1, 0}}
nn.imshow({{5, 1}, {0, 7}}, {labels={"cat", "dog"}, xlabel="predicted", ylabel="true"})
nn.imshow(images[1], {annotate=true})
check.fails("imshow: expected an image", nn.imshow)
check.fails("imshow: image must be a tensor, got string", nn.imshow, "x")
check.fails("ragged", nn.imshow, {{1, 2}, {3}})
check.fails("imshow: expected {h, w}", nn.imshow, nn.zeros{3})
check.fails("imshow: 300 images; at most 200", nn.imshow, nn.zeros{300, 2, 2})
check.fails("imshow: 1 titles for 4 images", nn.imshow, images, {titles={"a"}})
check.fails("imshow: 1 labels for a matrix of shape (2, 2)", nn.imshow, {{1, 2}, {3, 4}}, {labels={"a"}})
check.fails("imshow: 'cmap' must be", nn.imshow, images[1], {cmap="jet"})
check.fails("imshow: 'xlabel' belongs to a matrix", nn.imshow, images[1], {xlabel="a"})

-- files
local function contents(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

local path = os.tmpname()
os.remove(path)
if os.execute "command -v gnuplot >/dev/null" then
  local title = "it's `touch " .. path .. ".bad` \" \\n | @x $y"
  local starts = {svg="<?xml", png="\x89PNG", pdf="%PDF"}
  for kind, start in pairs(starts) do
    local file = path .. "." .. kind
    for _, draw in ipairs{
      function() nn.plot{x, x * x, label="a_b", title=title, file=file} end,
      function() nn.plot(history, {file=file, log="y"}) end,
      function() nn.imshow(images, {titles={"a", "b", "c", title}, file=file}) end,
      function() nn.imshow(nn.ones{1, 3}, {file=file}) end,
      function() nn.imshow({{5, 1}, {0, 7}}, {labels={"cat", title}, file=file}) end,
    } do
      draw()
      check.equal(contents(file):sub(1, #start), start)
      os.remove(file)
    end
  end
  check.equal(contents(path .. ".bad"), nil)
  -- names that gnuplot or a shell would take for something else
  for _, name in ipairs{" |cat", "it's $HOME `x` "} do
    local file = path .. name .. ".svg"
    nn.plot{x, x, file=file, title=title, label="a_b"}
    local text = contents(file)
    assert(text:find("touch", 1, true) and text:find(">a_b<", 1, true), "title and label stand in the file")
    os.remove(file)
  end
  check.fails("could not be written: No such file or directory", nn.plot, {x, file=path .. "/no/folder/x.svg"})
end

-- models
local L = nn.layers
local a, b = nn.Input{shape={4}}, nn.Input{shape={4}}
local shared = L.Dense(3)
local network = nn.Model{inputs={a, b}, outputs=L.Add(){shared(a), shared(b)}}
model:plot()
network:plot()
check.fails("plot: unknown argument 'fil'; did you mean 'file'?", model.plot, model, {fil="a.svg"})
check.fails("plot: 'width' is the size of a file", model.plot, model, {width=100})
check.fails("not built yet", model.plot, nn.Sequential{L.Dense(3)})
if os.execute "command -v gnuplot >/dev/null" then
  local file = path .. ".svg"
  network:plot{file=file}
  local text = contents(file)
  for _, name in ipairs{"input_1 (InputLayer)", "(None, 4) → (None, 3)", "add (Add)"} do
    assert(text:find(name, 1, true), name .. " stands in the file")
  end
  os.remove(file)
end

-- a history is short to look at, however long the training was
local function rows(epochs)
  local text = tostring(model:fit(nn.zeros{4, 2}, nn.zeros{4, 1}, {epochs=epochs, verbose=0}))
  return select(2, text:gsub("\n", "")) + 1, text
end
check.equal(rows(20), 21)
local count, text = rows(300)
check.equal(count, 17)
assert(text:find "\n *5 .*\n *… .*\n *291 .*\n *300 ")
