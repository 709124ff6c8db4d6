-- What a pretrained body is worth where there are only 500 labels: classifiers from scratch and on the body, seed by seed.
local L = nn.layers
local labels = 500

--- Test accuracy of a classifier on this body: the new layer alone first, if the body knows something already.
local function classify(body, is_trained, x, y, x_test, y_test)
  local model = nn.Sequential{body, L.Dense{10, activation="softmax"}}
  local function train(epochs)
    model:compile{loss="sparse_categorical_crossentropy", optimizer=nn.optimizers.Nadam{learning_rate=5e-4},
                  metrics={"accuracy"}}
    model:fit(x, y, {epochs=epochs, batch_size=32, verbose=0})
  end
  if is_trained then
    body.trainable = false
    train(10)
    body.trainable = true
    train(20)
  else
    train(30)
  end
  local _, accuracy = model:evaluate(x_test, y_test, {verbose=0})
  return accuracy
end

--- Trains both with each of the seeds, prints the test accuracies, and asserts that pretraining helps on the mean: with one seed, from
-- scratch is better now and then. Where pretraining was cut short (task.short), what came of it must only be good.
-- task.seeds; task.x, task.y: images and labels, of which each seed gets 500 others, from task.first on; task.x_test, task.y_test;
-- task.body(): a fresh body; task.pretrained(): one that has learned something, and what to say about it.
return function(task)
  local scratch, pretrained = 0, 0
  for i, seed in ipairs(task.seeds) do
    nn.set_seed(seed)
    local first = task.first + labels * (i - 1)
    local x, y = task.x:slice(first, first + labels - 1), task.y:slice(first, first + labels - 1)
    local body, remark = task.pretrained()
    local from_scratch = classify(task.body(), false, x, y, task.x_test, task.y_test)
    local on_body = classify(body, true, x, y, task.x_test, task.y_test)
    print(("seed %d: %s; %d labels, test accuracy: %.4f from scratch, %.4f pretrained"):format(
      seed, remark, labels, from_scratch, on_body))
    scratch, pretrained = scratch + from_scratch / #task.seeds, pretrained + on_body / #task.seeds
    assert(on_body > 0.7, "a classifier on the pretrained body must know most clothes")
  end
  print(("mean: %.4f from scratch, %.4f pretrained"):format(scratch, pretrained))
  assert(task.short or pretrained > scratch, "pretraining must help")
end
