-- nn.partial, nn.models, a layer's fields.
local check = require "check"
local L = nn.layers

do  -- partial: the chapter's RegularizedDense
  local Regularized = nn.partial(L.Dense, {activation="elu", kernel_initializer="he_normal",
                                           kernel_regularizer=nn.regularizers.l2(0.01)})
  local hidden, last = Regularized(300), Regularized{10, activation="softmax", kernel_initializer="glorot_uniform"}
  check.equal(hidden.units, 300)
  check.equal(hidden.activation, "elu")
  check.near(hidden.kernel_initializer.config.scale, 2)  -- he, as Keras writes it
  check.equal(last.activation, "softmax")
  check.equal(last.kernel_initializer.class_name, "GlorotUniform")
  check.equal(last.kernel_regularizer.class_name, "L1L2")
  check.equal(Regularized(5, {activation="relu", name="five"}).name, "five")
  -- nested; by position or by name, the later one counts
  local Ten = nn.partial(Regularized, {10, activation="tanh"})
  check.equal(Ten().units, 10)
  check.equal(Ten().activation, "tanh")
  check.equal(Ten{units=7}.units, 7)
  check.equal(Ten(8).units, 8)
  check.equal(Ten{9, "relu"}.activation, "relu")
  check.equal(Regularized(1).activation, "elu")
  -- aliases are the same argument
  local Slow = nn.partial(nn.optimizers.SGD, {lr=0.5})
  check.equal(Slow().learning_rate, 0.5)
  check.equal(Slow{learning_rate=0.25}.learning_rate, 0.25)
  check.equal(Slow(0.125).learning_rate, 0.125)
  -- any constructor, and plain functions
  local Named = nn.partial(nn.Sequential, {name="partial_model"})
  check.equal(Named{Ten()}.name, "partial_model")
  check.equal(nn.partial(function(t) return t.a + t.b end, {a=1}){b=2}, 3)
  check.equal(tostring(Ten), "partial nn.layers.Dense")
  check.fails("unknown field 'activaton'; did you mean 'activation'?", nn.partial(L.Dense, {activaton="elu"}), 3)
  check.fails("expected a constructor", nn.partial, 3, {})
  check.fails("a table of arguments", nn.partial, L.Dense)
end

do  -- nn.models
  check.equal(nn.models.Sequential, nn.Sequential)
  check.equal(nn.models.Model, nn.Model)
  check.equal(nn.models.clone_model, nn.clone_model)
  check.fails("did you mean 'Sequential'?", function() return nn.models.Sequental end)
end

do  -- what a layer was made with, and its variables
  local dense = L.Dense{4, activation="elu", input_shape={3}}
  check.fails("not built", function() return dense.kernel end)
  local model = nn.Sequential{dense, L.BatchNormalization{momentum=0.9}, L.Dropout(0.25), L.LeakyReLU{alpha=0.1}, L.PReLU()}
  check.equal(dense.use_bias, true)
  check.equal(dense.kernel.shape, {3, 4})
  check.equal(dense.kernel, dense.variables[1])
  check.equal(dense.bias, dense.variables[2])
  check.equal(dense.kernel_regularizer, nil)
  check.equal(model.layers[2].momentum, 0.9)
  check.equal(model.layers[2].axis, -1)
  check.equal(L.BatchNormalization{axis=2}.axis, 2)
  check.equal(model.layers[2].moving_variance:value(), {1, 1, 1, 1})
  check.equal(model.layers[3].rate, 0.25)
  check.near(model.layers[4].alpha, 0.1)
  check.equal(model.layers[5].alpha.shape, {4})
  check.fails("can be read, not set", function() dense.units = 3 end)
  check.fails("unknown field 'rate'", function() return dense.rate end)
  check.fails("did you mean 'units'?", function() return dense.unit end)
end
