-- Functional models, data by lists and names, weights of samples, generators.
local check = require "check"
local L = nn.layers

do  -- the chapter's siamese network: two inputs, one body
  local a, b = nn.Input{shape={4, 3}, name="left"}, nn.Input{shape={4, 3}, name="right"}
  local body = nn.Sequential{L.Flatten(), L.Dense{5, activation="elu"}}
  local same = L.Dense{1, activation="sigmoid"}(L.Concatenate(){body(a), body(b)})
  local model = nn.Model{inputs={a, b}, outputs=same, name="siamese"}
  check.equal(#model.layers, 5)
  check.equal(model.layers[3], body)
  check.equal(model.input_names[2], "right")
  check.equal(model.input_shape[1][2], 4)
  check.equal(model:count_params(), 12 * 5 + 5 + 10 + 1)
  model:compile{loss="binary_crossentropy", optimizer="adam", metrics={"accuracy"}}
  local x1, x2 = nn.random.normal{shape={40, 4, 3}, seed=1}, nn.random.normal{shape={40, 4, 3}, seed=2}
  local y = nn.random.uniform{shape={40}, seed=3}:gt(0.5)
  local h = model:fit({x1, x2}, y, {epochs=2, verbose=0, validation_split=0.25})
  check.equal(#h.history.val_loss, 2)
  local p = model:predict{x1, x2}
  check.equal(p.shape[1], 40)
  local q = model:predict({left=x1, right=x2}, {batch_size=7})
  check.equal((p - q):abs():max():item(), 0)
  check.equal((model({x1, x2}) - p):abs():max():item() < 1e-6, true)
  check.fails("unknown name 'rigth'; did you mean 'right'?", function() model:predict{left=x1, rigth=x2} end)
  check.fails("takes 2 inputs", function() model:predict(x1) end)
end

do  -- merging layers
  local a, b = nn.Input{shape={2}}, nn.Input{shape={2}}
  local x, y = nn.tensor{{1, 5}}, nn.tensor{{4, 2}}
  local function of(layer) return nn.Model{inputs={a, b}, outputs=layer{a, b}}:predict({x, y}):tolist()[1] end
  local function is(layer, p, q)
    local r = of(layer)
    check.equal(r[1], p)
    check.equal(r[2], q)
  end
  is(L.Add(), 5, 7)
  is(L.Subtract(), -3, 3)
  is(L.Multiply(), 4, 10)
  is(L.Average(), 2.5, 3.5)
  is(L.Maximum(), 4, 5)
  is(L.Minimum(), 1, 2)
  check.equal(#of(L.Concatenate()), 4)
  -- Axes count from 1, the batch's is the first.
  check.equal(#of(L.Concatenate{axis=2}), 4)
  check.fails("must not be the batch's", function() L.Concatenate{axis=1}{a, b} end)
  check.fails("takes two inputs, got 3", function() L.Subtract(){a, b, a} end)
  check.fails("begin with nn.Input", function() L.Add()(3) end)
end

do  -- several outputs: losses, weights and metrics by name; lists of results
  local a = nn.Input{shape={3}}
  local hidden = L.Dense{4, activation="tanh"}(a)
  local model = nn.Model{inputs=a, outputs={L.Dense{1, name="price"}(hidden),
                                            L.Dense{2, activation="softmax", name="kind"}(hidden)}}
  model:compile{loss={price="mse", kind="sparse_categorical_crossentropy"}, loss_weights={price=0.1},
                metrics={kind={"accuracy"}}, optimizer="sgd"}
  check.equal(table.concat(model.metrics_names, " "), "loss price_loss kind_loss kind_accuracy")
  local x = nn.random.normal{shape={20, 3}, seed=1}
  local price, kind = x:sum{axis=2}, x:sum{axis=2}:gt(0)
  local h = model:fit(x, {price=price, kind=kind}, {epochs=3, verbose=0})
  check.equal(#h.history.price_loss, 3)
  local total, first, second = model:evaluate(x, {price, kind}, {verbose=0})
  check.equal(math.abs(total - (0.1 * first + second)) < 1e-5, true)
  local out = model:predict(x)
  check.equal(#out, 2)
  check.equal(out[2].shape[2], 2)
  check.fails("no output 'knd'; did you mean 'kind'?", function()
    model:compile{loss={price="mse", knd="mse"}}
  end)
end

do  -- sample_weight and class_weight
  local function model()
    local m = nn.Sequential{L.Dense{1, input_shape={1}, kernel_initializer="ones"}}
    m:compile{loss="mse", optimizer="sgd"}
    return m
  end
  -- Outputs 1, 2; labels 0, 1: squares 1, 1; weights 2, 4: (2 + 4) / 2.
  local x, y = nn.tensor{{1}, {2}}, nn.tensor{0, 1}
  check.equal(model():test_on_batch(x, y, {sample_weight=nn.tensor{2, 4}}), 3)
  check.equal(model():evaluate(x, y, {sample_weight=nn.tensor{2, 4}, verbose=0}), 3)
  -- The labels 0 and 1 are classes, too.
  check.equal(model():train_on_batch(x, y, {class_weight={[0]=2, [1]=4}}), 3)
  local h = model():fit(x, y, {class_weight={[0]=2, [1]=4}, verbose=0})
  check.equal(h.history.loss[1], 3)
  check.fails("no weight for the class 0", function() model():fit(x, y, {class_weight={[1]=4}, verbose=0}) end)
  check.fails("sample_weight", function() model():fit(x, y, {sample_weight=nn.tensor{1, 2, 3}, verbose=0}) end)
end

do  -- a function as a generator
  local function model()
    nn.set_seed(3)
    local m = nn.Sequential{L.Dense{2, activation="softmax", input_shape={3}}}
    m:compile{loss="sparse_categorical_crossentropy", optimizer="sgd"}
    return m
  end
  local x = nn.random.normal{shape={12, 3}, seed=5}
  local y = x:sum{axis=2}:gt(0)
  local a, b, c = model(), model(), model()
  a:fit(x, y, {epochs=2, batch_size=4, shuffle=false, verbose=0})
  local i = 0
  b:fit(function()
    i = i + 1
    if i % 4 == 0 then return nil end
    local first = (i % 4 - 1) * 4 + 1
    return x:slice(first, first + 3), y:slice(first, first + 3)
  end, {epochs=2, verbose=0})
  check.equal((a:get_weights()[1] - b:get_weights()[1]):abs():max():item(), 0)
  local j = -1
  c:fit(function()
    j = (j + 1) % 3
    return x:slice(4 * j + 1, 4 * j + 4), y:slice(4 * j + 1, 4 * j + 4)
  end, {epochs=2, steps_per_epoch=3, verbose=0})
  check.equal((a:get_weights()[1] - c:get_weights()[1]):abs():max():item(), 0)
  local wrong = function() error("no more data") end
  check.fails(": no more data", function() c:fit(wrong, {verbose=0}) end)
  check.fails("got x alone", function() c:fit(function() return x end, {verbose=0}) end)
  j = 1
  local h = c:fit(x, y, {validation_data=function() j = j + 1; if j % 2 == 0 then return x, y end end, verbose=0})
  check.equal(#h.history.val_loss, 1)
end

do  -- predict_classes, predict_on_batch, clone_model
  local m = nn.Sequential{L.Dense{3, activation="softmax", input_shape={2}}}
  local x = nn.random.normal{shape={5, 2}, seed=1}
  check.equal(m:predict_classes(x).dtype, "int32")
  check.equal((m:predict_on_batch(x) - m:predict_proba(x)):abs():max():item(), 0)
  local a = nn.Input{shape={2}}
  local shared = L.Dense(2)
  local twice = nn.Model{inputs=a, outputs=shared(shared(a))}
  local clone = nn.clone_model(twice)
  check.equal(#clone.weights, 2)
  clone:set_weights(twice:get_weights())
  check.equal((clone:predict(x) - twice:predict(x)):abs():max():item(), 0)
  local inner = nn.Sequential{m, L.Dense(1)}
  check.equal(inner.layers[1], m)
  check.equal(inner:predict(x).shape[2], 1)
end
