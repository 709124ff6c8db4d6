-- Pictures: in the terminal when there is one, in files when gnuplot is installed. Run it in a terminal:
--   nnrepl examples/lua/pictures.lua
--   nnrepl examples/lua/pictures.lua folder     also writes .svg files there
local folder = arg[1]
local function file(name) return folder and folder .. "/" .. name .. ".svg" end

nn.set_seed(42)
local L = nn.layers

-- activation functions, in one picture
local z = nn.linspace(-5, 5, 200)
nn.plot{
  {z, nn.activations.elu(z), label="ELU"}, {z, nn.activations.tanh(z), label="tanh"},
  {z, nn.activations.sigmoid(z), label="sigmoid"}, title="Activations", xlabel="z", ylabel="f(z)" }

-- two rings of points; a network learns which ring a point belongs to
local angle = nn.random.uniform{shape={600, 1}, maxval=2 * math.pi, seed=1}
local outer = nn.arange(600):reshape{600, 1} % 2
local radius = 1 + outer + nn.random.normal{shape={600, 1}, stddev=0.15, seed=2}
local points = nn.stack{(radius * angle:cos()):reshape{600}, (radius * angle:sin()):reshape{600}}:transpose{2, 1}
local labels = outer:astype "int32"

local model = nn.Sequential{
  L.Dense{16, activation="elu", kernel_initializer="he_normal", input_shape={2}},
  L.Dense{16, activation="elu", kernel_initializer="he_normal"}, L.Dense{2, activation="softmax"} }
model:compile{
  loss="sparse_categorical_crossentropy", optimizer=nn.optimizers.Adam{0.01}, metrics={"accuracy"} }
model:plot()
local history = model:fit(points, labels, {epochs=30, validation_split=0.2, verbose=0})
nn.plot{history, title="Two rings"}
if folder then
  nn.plot{history, title="Two rings", file=file "history"}
  model:plot{file=file "model"}
end

-- which ring was taken for which
local predicted = model:predict_classes(points)
local confusion = {{0, 0}, {0, 0}}
for i = 1, #labels do
  local row = confusion[labels[i]:item() + 1]
  row[predicted[i] + 1] = row[predicted[i] + 1] + 1
end
nn.imshow(confusion, {labels={"inner", "outer"}, xlabel="predicted", ylabel="true", title="Confusion"})

-- what the network believes at each point of the plane
local side = 41
local grid = {}
for row = 1, side do
  for column = 1, side do grid[#grid + 1] = {(column - 21) / 8, (21 - row) / 8} end
end
local belief = model:predict(nn.tensor(grid)):transpose{2, 1}[2]:reshape{side, side}
nn.imshow(belief, {title="P(outer)"})

local loss, accuracy = model:evaluate(points, labels, {verbose=0})
print(("accuracy %.3f"):format(accuracy))
assert(accuracy > 0.95, "the rings can be told apart")
assert(confusion[1][1] + confusion[2][2] == math.floor(accuracy * 600 + 0.5), "the diagonal counts what is right")
