/// What `Transforms` says in Lua: walks over nested tables, and the order of things.
enum TransformsSource {
  static let entries = [
    HelpEntry(
      name: "nn.value_and_grad", signature: "(f, {argnums=nil, has_aux=false, training=false})",
      summary:
        "A function that gives f's value, one number, and its gradient with respect to each argument: local loss, gw, gb = "
        + "nn.value_and_grad(f)(w, b). Arguments are tensors, numbers, variables (layer.kernel), or nested tables of them, whose "
        + "gradients are tables of the same form. argnums={1, 3}: with respect to these only. has_aux: what else f returns comes "
        + "after the gradients. f is recorded at each call, so what it mentions may change; programs are kept by its form."
    ),
    HelpEntry(
      name: "nn.grad", signature: "(f, {argnums=nil, has_aux=false, training=false})",
      summary: "As nn.value_and_grad, without the value. It can be used inside itself: nn.grad(nn.grad(f))."),
    HelpEntry(
      name: "nn.jit", signature: "(f, {training=false})",
      summary:
        "f, recorded once for each form of its arguments (shapes, and everything that is no tensor or number), and run as one "
        + "program from then on: what f mentions beside its arguments keeps the value that it had; variables stay live, and can be "
        + "assigned. Example: local step = nn.jit(function(x) return (x:matmul(layer.kernel)):tanh() end)"),
    HelpEntry(
      name: "nn.check_grad", signature: "(f, x, …, {eps=1e-2})",
      summary:
        "The largest difference between the gradient and central differences (f(x + eps) - f(x - eps)) / (2 eps), relative "
        + "to numbers greater than 1. About 1e-3 is rounding."),
  ]

  static let text = """
    local part = ...
    local kind = part.kind
    local getinfo = debug.getinfo
    local exports = {}

    -- An error at the user's line.
    local function fail(text)
      local level = 2
      while true do
        local info = getinfo(level, "S")
        if not info or info.what ~= "C" and info.source ~= "=[nn]" then break end
        level = level + 1
      end
      error(text, level)
    end

    local function sorted(keys)
      table.sort(keys, function(a, b)
        if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
        return tostring(a) < tostring(b)
      end)
      return keys
    end

    local function isTree(value) return type(value) == "table" and getmetatable(value) == nil end

    -- A tree of the same form, with f of each number, tensor, variable or symbol; the rest as it is.
    local function map(tree, f, depth)
      if kind(tree) then return f(tree) end
      if not isTree(tree) then return tree end
      depth = (depth or 0) + 1
      if depth > 32 then error("tables nested more than 32 deep") end
      local keys, result = {}, {}
      for key in pairs(tree) do keys[#keys + 1] = key end
      for _, key in ipairs(sorted(keys)) do result[key] = map(tree[key], f, depth) end
      return result
    end

    local function check(name, f, options, known)
      local callable = type(f) == "function" or (getmetatable(f) or {}).__call ~= nil
      if not callable then fail(name .. ": expected a function, got " .. type(f)) end
      if options ~= nil and type(options) ~= "table" then fail(name .. ": options must be a table, got " .. type(options)) end
      for key in pairs(options or {}) do
        if not known[key] then fail(name .. ": unknown field '" .. tostring(key) .. "'") end
      end
      return options or {}
    end

    -- Ends the recording whatever happens.
    local function within(scope, nested, body)
      if nested then return body() end
      local results = table.pack(pcall(body))
      part.finish(scope)
      if not results[1] then error(results[2], 0) end
      return table.unpack(results, 2, results.n)
    end

    local function valueAndGrad(name, f, options, ...)
      local given, args, count = {...}, {...}, select("#", ...)
      local wanted = {}
      if options.argnums == nil then
        for i = 1, count do wanted[i] = i end
      else
        wanted = type(options.argnums) == "table" and options.argnums or {options.argnums}
        for _, i in ipairs(wanted) do
          if math.type(i) ~= "integer" or i < 1 or i > count then
            fail(name .. ": 'argnums' must be positions of arguments, 1 … " .. count .. ", got " .. tostring(i))
          end
        end
      end
      local isWanted = {}
      for _, i in ipairs(wanted) do isWanted[i] = true end
      local scope, nested = part.begin(options.training)
      return within(scope, nested, function()
        local targets, forms = {}, {}
        for i = 1, count do
          args[i] = map(args[i], function(leaf)
            local symbol = part.symbol(scope, leaf, isWanted[i])
            if isWanted[i] then targets[#targets + 1] = symbol end
            return symbol
          end)
        end
        if #targets == 0 then fail(name .. ": no argument is a tensor, a number or a variable") end
        for _, i in ipairs(wanted) do forms[i] = given[i] end
        local results = table.pack(part.trace(scope, f, table.unpack(args, 1, count)))
        if not kind(results[1]) then
          fail(name .. ": the function must return one number, got " .. type(results[1]))
        end
        local loss = part.symbol(scope, results[1])
        if loss.size ~= 1 then
          fail(name .. ": the function must return one number, got shape " .. select(2, kind(loss)))
        end
        local outputs = part.gradients(scope, loss, targets)
        local offset = 0
        if not nested then
          table.insert(outputs, 1, loss)
          offset = 1
        end
        local aux = {}
        for i = 2, options.has_aux and results.n or 0 do
          aux[i - 1] = map(results[i], function(leaf)
            outputs[#outputs + 1] = part.symbol(scope, leaf)
            return leaf
          end)
        end
        if not nested then
          outputs = part.evaluate(scope, outputs)
          loss = outputs[1]:sum():item()
        end
        local next = offset
        local values = {loss}
        local position = {}
        for i = 1, count do
          if isWanted[i] then
            position[i] = map(forms[i], function(leaf)
              next = next + 1
              if kind(leaf) == "number" and not nested then return outputs[next]:item() end
              return outputs[next]
            end)
          end
        end
        for _, i in ipairs(wanted) do values[#values + 1] = position[i] end
        local last = #values
        for i = 2, options.has_aux and results.n or 0 do
          last = last + 1
          values[last] = map(aux[i - 1], function() next = next + 1 return outputs[next] end)
        end
        return table.unpack(values, 1, last)
      end)
    end

    local known = {argnums = true, has_aux = true, training = true}
    function exports.value_and_grad(f, options)
      options = check("value_and_grad", f, options, known)
      return function(...) return valueAndGrad("value_and_grad", f, options, ...) end
    end

    function exports.grad(f, options)
      options = check("grad", f, options, known)
      return function(...)
        local results = table.pack(valueAndGrad("grad", f, options, ...))
        return table.unpack(results, 2, results.n)
      end
    end

    -- The form of a tree as a text, and its tensors and numbers.
    local function describe(tree, leaves, text, depth)
      local what, shape = kind(tree)
      if what == "tensor" or what == "number" then
        leaves[#leaves + 1] = tree
        text[#text + 1] = what .. shape
      elseif isTree(tree) then
        if depth > 32 then error("tables nested more than 32 deep") end
        local keys = {}
        for key in pairs(tree) do keys[#keys + 1] = key end
        text[#text + 1] = "{"
        for _, key in ipairs(sorted(keys)) do
          text[#text + 1] = type(key) .. tostring(key) .. "="
          describe(tree[key], leaves, text, depth + 1)
        end
        text[#text + 1] = "}"
      else
        text[#text + 1] = type(tree) .. (shape or tostring(tree))
      end
      text[#text + 1] = ","
    end

    local capacity = 32
    function exports.jit(f, options)
      options = check("jit", f, options, {training = true})
      local programs, order = {}, {}
      return function(...)
        local scope, nested = part.begin(options.training)
        if nested then return f(...) end
        local count, leaves, text = select("#", ...), {}, {}
        local args = {...}
        for i = 1, count do describe(args[i], leaves, text, 0) end
        local key = table.concat(text)
        local entry = programs[key]
        if not entry then
          entry = within(scope, false, function()
            local inputs, symbols = part.inputs(scope, leaves)
            local next = 0
            for i = 1, count do
              args[i] = map(args[i], function(leaf)
                local what = kind(leaf)
                if what ~= "tensor" and what ~= "number" then return leaf end
                next = next + 1
                return symbols[next]
              end)
            end
            local results = table.pack(part.trace(scope, f, table.unpack(args, 1, count)))
            local outputs = {}
            for i = 1, results.n do
              results[i] = map(results[i], function(leaf)
                local what = kind(leaf)
                if what ~= "symbol" and what ~= "variable" then return leaf end
                outputs[#outputs + 1] = part.symbol(scope, leaf)
                return outputs[#outputs]
              end)
            end
            return {program = part.compile(scope, inputs, outputs), results = results}
          end)
          if #order == capacity then programs[table.remove(order, 1)] = nil end
          order[#order + 1] = key
          programs[key] = entry
        end
        local values, next = entry.program:run(leaves), 0
        local results = {}
        for i = 1, entry.results.n do
          results[i] = map(entry.results[i], function(leaf)
            if kind(leaf) ~= "symbol" then return leaf end
            next = next + 1
            return values[next]
          end)
        end
        return table.unpack(results, 1, entry.results.n)
      end
    end

    local largest = 4096
    function exports.check_grad(f, ...)
      local args, options = table.pack(...), {}
      local last = args[args.n]
      if args.n > 1 and isTree(last) and last.eps ~= nil then options, args.n = last, args.n - 1 end
      check("check_grad", f, options, {eps = true})
      local eps = options.eps or 1e-2
      if type(eps) ~= "number" or not (eps > 0) then fail("check_grad: 'eps' must be a positive number") end
      local gradients = table.pack(exports.grad(f)(table.unpack(args, 1, args.n)))
      local value = exports.jit(f)
      local worst = 0
      for i = 1, args.n do
        map(args[i], function(leaf)
          if kind(leaf) == "symbol" then fail("check_grad: needs numbers, got a symbol: a function is being recorded") end
        end)
        -- One argument's leaves, and the gradients of these, in the same order.
        local leaves, parts = {}, {}
        map(args[i], function(leaf) leaves[#leaves + 1] = leaf return leaf end)
        map(gradients[i], function(leaf) parts[#parts + 1] = leaf return leaf end)
        for j, leaf in ipairs(leaves) do
          local what = kind(leaf)
          if what == "variable" then fail("check_grad: variables cannot be checked; give their values") end
          local shape = what == "tensor" and leaf.shape
          local size = shape and leaf.size or 1
          if size > largest then fail("check_grad: " .. size .. " numbers are too many; give " .. largest .. " at most") end
          local numbers = shape and leaf:reshape{size}:tolist() or {leaf}
          local found = shape and parts[j]:reshape{size}:tolist() or {parts[j]}
          for k = 1, size do
            local function at(distance)
              local changed = {table.unpack(numbers)}
              changed[k] = changed[k] + distance
              local replacement = shape and part.tensor(changed):reshape(shape) or changed[1]
              local moved, count = {table.unpack(args, 1, args.n)}, 0
              moved[i] = map(args[i], function(other)
                count = count + 1
                if count == j then return replacement end
                return other
              end)
              local result = value(table.unpack(moved, 1, args.n))
              return type(result) == "number" and result or result:sum():item()
            end
            local expected = (at(eps) - at(-eps)) / (2 * eps)
            local difference = math.abs(expected - found[k]) / math.max(1, math.abs(expected), math.abs(found[k]))
            if difference ~= difference then return difference end
            worst = math.max(worst, difference)
          end
        end
      end
      return worst
    end

    return exports
    """
}
