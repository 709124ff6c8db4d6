/*
 * nn.h: neural networks from C.   Link with -lnn; nothing else is needed.
 *
 *   nn_model *model;
 *   nn_layer *dense;
 *   nn_sequential_new(&model, NULL);
 *   nn_layer_new(&dense, "Dense", "{\"units\": 300, \"activation\": \"relu\"}");
 *   nn_model_add(model, dense);
 *   nn_layer_free(dense);
 *   ...
 *   nn_model_compile(model, NULL, "{\"optimizer\": \"sgd\", \"loss\": \"mse\"}");
 *   nn_model_fit(NULL, model, x, y, NULL);
 *
 * Names, arguments, defaults and meanings are Keras's. The rules that every function below obeys:
 *
 * Status.     A function that can fail returns an nn_status: NN_OK (zero), or a negative class of error;
 *             nn_last_error() then has the reason in one line. Results come through the first parameters, and
 *             pointers to handles or text are set to NULL when the call fails. Plain getters return their value
 *             itself, and -1 or NULL (with nn_last_error() set) when they cannot.
 * Handles.    All objects are opaque. Each handle that a function gives you is yours: free it with the function of
 *             its type. Handles are counted references: a layer added to a model lives on in the model after you
 *             freed your handle. Every handle is checked: NULL, a freed handle, a handle of another type or any other
 *             pointer is an error with a clear text, not a crash. Freeing NULL does nothing.
 * Borrowing.  Pointers to names, shapes and elements that getters return belong to the handle that was asked, and
 *             live as long as that handle. Text returned through a char ** is yours: give it to nn_free().
 * Input.      Arrays, text and option structures are copied before a call returns, unless the function's name ends in
 *             _borrow. Text is UTF-8, ends with a zero byte, and must be valid.
 * Process.    The library never prints, never ends the process because of what it was given, reads no environment
 *             variable, installs no signal handler, and its numbers do not depend on the locale. When memory for
 *             numbers cannot be had, the call returns NN_OUT_OF_MEMORY. After fork() the child computes with one
 *             thread; do not fork while another thread is inside the library.
 * Threads.    Different objects may be used by different threads at the same time. A tensor or a history never
 *             changes and may be read by any number of threads. A model may be called from several threads: calls on
 *             one model wait for each other, so nn_model_fit keeps other threads' calls waiting; only nn_cancel never
 *             waits. Layers, optimizers and callbacks belong to one thread at a time, and count as parts of the models
 *             that use them (callbacks: while nn_model_fit runs). A handle may be freed while another thread's call
 *             works with the object: that call ends as if nothing had happened, but borrowed pointers are gone. The
 *             last error belongs to the thread.
 * Growth.     Functions and structure members are only ever added. Structures begin with struct_size, so a program
 *             compiled with an older header goes on working.
 */
#ifndef NN_H
#define NN_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define NN_API __attribute__((visibility("default")))
#else
#define NN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version ---------------------------------------------------------------------------------------------------- */

/* The version of this header. */
#define NN_VERSION_MAJOR 0
#define NN_VERSION_MINOR 1
#define NN_VERSION_PATCH 0
/* The same as one number that grows with every release. */
#define NN_VERSION_NUMBER (NN_VERSION_MAJOR * 10000 + NN_VERSION_MINOR * 100 + NN_VERSION_PATCH)

/* The version of the library that is really loaded, as NN_VERSION_NUMBER. */
NN_API int32_t nn_version_number(void);

/* The same as text, "0.1.0". Static. */
NN_API const char *nn_version(void);

/* Which code runs here, "kernels: x86-64-v3 (AVX2, FMA)": chosen once, by what the processor has. Static. */
NN_API const char *nn_build_info(void);

/* ---- Status and errors ------------------------------------------------------------------------------------------ */

/* NN_OK or one of the negative numbers below; positive numbers are never returned. */
typedef int32_t nn_status;

enum {
  NN_OK = 0,
  NN_INVALID_ARGUMENT = -1, /* an argument has a wrong value, type or name; a handle is not alive */
  NN_SHAPE = -2,            /* shapes that do not fit together */
  NN_NOT_FOUND = -3,        /* a name, file or data set that does not exist */
  NN_IO = -4,               /* the operating system refused to read or write */
  NN_FORMAT = -5,           /* a file's or a text's contents are not what they should be */
  NN_OUT_OF_MEMORY = -6,    /* memory could not be had */
  NN_CANCELLED = -7,        /* somebody asked to stop: nn_cancel, or a callback */
  NN_NOT_SUPPORTED = -8,    /* meaningful, but not available here: for example the processor is too old */
  NN_STATE = -9,            /* a call at the wrong moment: nn_model_fit before nn_model_compile, for example */
  NN_NOT_FINITE = -10,      /* data or computation contain NaN or infinity */
  NN_INTERNAL = -11         /* a fault of the library; please report it */
};

/* Why the most recent failed call on this thread failed: one line that names the function, the argument, what was
   expected and what was given; "" when none has failed. Belongs to the library, and stays until the next failing call
   on this thread. */
NN_API const char *nn_last_error(void);

/* The status of that call; NN_OK when none has failed. */
NN_API nn_status nn_last_error_code(void);

/* What a status means in general, "shapes do not fit"; never NULL. Static. */
NN_API const char *nn_strerror(nn_status status);

/* ---- The process ------------------------------------------------------------------------------------------------ */

/* NN_OK when the library is at least as new as the header a program was compiled with, and runs on this processor:
   nn_require(NN_VERSION_NUMBER). NN_NOT_SUPPORTED otherwise. */
NN_API nn_status nn_require(int32_t version_number);

/* Starts all random numbers of the process again from `seed`: the same seed, calls and data then give the same
   numbers, bit for bit, on any number of threads. */
NN_API nn_status nn_set_seed(uint64_t seed);

/* Computes with `count` threads (one of them the caller's); 0 means as many as the machine has processors. Must not
   be called while another thread is inside the library. Never changes results. */
NN_API nn_status nn_set_num_threads(int32_t count);

/* The number of threads that computations use. */
NN_API int32_t nn_num_threads(void);

/* Frees text that the library returned through a char **. NULL is allowed. */
NN_API void nn_free(void *memory);

/* ---- Objects ---------------------------------------------------------------------------------------------------- */

typedef struct nn_tensor nn_tensor;       /* numbers: a shape, a type, elements; never changes */
typedef struct nn_layer nn_layer;         /* a layer, with its weights once it is part of a built model */
typedef struct nn_optimizer nn_optimizer; /* an optimizer, with its state once it has trained */
typedef struct nn_model nn_model;         /* layers, in a row or as a network, and how to train them */
typedef struct nn_history nn_history;     /* what a training run recorded for each epoch; never changes */
typedef struct nn_callback nn_callback;   /* watches and steers trainings */
typedef struct nn_output nn_output;       /* what a call of a layer puts out, in a functional model; never changes */

/* ---- Tensors ---------------------------------------------------------------------------------------------------- */

/* How elements are stored. */
typedef int32_t nn_dtype;

enum {
  NN_FLOAT32 = 0, /* float */
  NN_INT32 = 1,   /* int32_t */
  NN_UINT8 = 2,   /* uint8_t */
  NN_BOOL = 3     /* uint8_t, 0 or 1 */
};

/* The largest number of axes of a tensor. */
#define NN_MAX_RANK 8

/* A tensor with a copy of `data`: as many elements as the product of the `rank` extents in `shape`, contiguous, the
   last axis fastest. `data` NULL means all zeros; rank 0 (shape may be NULL) is a scalar. In NN_BOOL data every byte
   that is not 0 becomes 1. */
NN_API nn_status nn_tensor_new(
    nn_tensor **tensor, nn_dtype dtype, int32_t rank, const int64_t *shape, const void *data);

/* Called once when the library no longer needs memory that it borrowed; perhaps on another thread, and perhaps only
   when the last tensor that shares the memory is freed. */
typedef void (*nn_release)(void *data, void *user);

/* A tensor over the caller's own memory, which must be aligned for its type and stay unchanged until `release` was
   called with `data` and `user`; `release` may be NULL for memory that stays for ever. When the call fails, `release`
   is not called. NN_BOOL data must hold 0 and 1 only. */
NN_API nn_status nn_tensor_borrow(
    nn_tensor **tensor, nn_dtype dtype, int32_t rank, const int64_t *shape, void *data, nn_release release, void *user);

/* Frees the handle. */
NN_API void nn_tensor_free(nn_tensor *tensor);

/* The type of the elements; -1 on error. */
NN_API nn_dtype nn_tensor_dtype(const nn_tensor *tensor);

/* The number of axes; -1 on error. */
NN_API int32_t nn_tensor_rank(const nn_tensor *tensor);

/* The extents, nn_tensor_rank of them; NULL on error. Borrowed. */
NN_API const int64_t *nn_tensor_shape(const nn_tensor *tensor);

/* The number of elements; -1 on error. */
NN_API int64_t nn_tensor_count(const nn_tensor *tensor);

/* The elements, contiguous, the last axis fastest; NULL on error. Borrowed. */
NN_API const void *nn_tensor_data(const nn_tensor *tensor);

/* Copies all elements, in the tensor's own type, to `out`, which has room for `size` bytes. */
NN_API nn_status nn_tensor_read(void *out, size_t size, const nn_tensor *tensor);

/* The number in a tensor of one element. */
NN_API nn_status nn_tensor_item(double *value, const nn_tensor *tensor);

/* Rows first ... end - 1 of the first axis, counted from 0. Shares the tensor's memory, copies nothing. */
NN_API nn_status nn_tensor_slice(nn_tensor **slice, const nn_tensor *tensor, int64_t first, int64_t end);

/* The rows of the first axis whose `count` numbers are in `rows`, in that order, copied. */
NN_API nn_status nn_tensor_take(nn_tensor **taken, const nn_tensor *tensor, int64_t count, const int64_t *rows);

/* The same elements under another shape; one extent may be -1 and is then computed. Shares the tensor's memory. */
NN_API nn_status nn_tensor_reshape(nn_tensor **reshaped, const nn_tensor *tensor, int32_t rank, const int64_t *shape);

/* The elements in another type. Numbers are cut towards zero on the way to an integer type, and what does not fit is
   an error; to NN_BOOL the result is "not zero". */
NN_API nn_status nn_tensor_astype(nn_tensor **converted, const nn_tensor *tensor, nn_dtype dtype);

/* The function `name` of the catalog's "functions" ("divide", "argmax", "concat" ...) on `count` tensors, at once.
   `options` is a JSON object with the function's other arguments, or NULL. Of a function with several results ("unique",
   "histogram") the first. Types meet as in NumPy, with int32 and float32 where it would go on to 64 bits: bool, uint8,
   int32, float32, whichever comes last; integers are exact and wrap around; the quotient of integers is float32; sums of
   integers are int32, and an error where they do not fit. */
NN_API nn_status nn_tensor_apply(
    nn_tensor **result, const char *name, int32_t count, nn_tensor *const *tensors, const char *options);

/* ---- Layers ----------------------------------------------------------------------------------------------------- */

/* The layer with Keras's class name ("Dense") and `config`, a JSON object with its arguments as Keras's get_config
   writes them, or NULL for all defaults. nn_catalog_json lists all layers and their arguments. */
NN_API nn_status nn_layer_new(nn_layer **layer, const char *class_name, const char *config);

/* InputLayer: the shape of one sample, without the batch axis. */
NN_API nn_status nn_input(nn_layer **layer, int32_t rank, const int64_t *shape);

/* Flatten: each sample becomes a vector. */
NN_API nn_status nn_flatten(nn_layer **layer);

/* Dense with `units` outputs; `activation` is a name, or NULL for none. */
NN_API nn_status nn_dense(nn_layer **layer, int64_t units, const char *activation);

/* Activation: applies the function with this name. */
NN_API nn_status nn_activation(nn_layer **layer, const char *function);

/* A user's function of tensors that becomes part of a model. It is called when a program is made (a few times for each
   batch size), not at each step. Its `count` inputs are handles that stand for tensors whose numbers come later: they
   have a type, a rank and a shape, nn_tensor_apply, nn_tensor_reshape and nn_tensor_slice work on them (mixed with
   ordinary tensors) and give such handles again, and everything is recorded, with its gradient; asking for their
   numbers is NN_STATE. `training` is 1 when layers behave as in training. The function puts its result into `result`,
   whose handle the library then frees; it frees the handles that it made itself, but not the inputs, and keeps none:
   after the function has returned they are good for nothing. Any status but NN_OK is an error with the text of
   nn_last_error(). */
typedef nn_status (*nn_function)(
    nn_tensor **result, nn_tensor *const *inputs, int32_t count, int32_t training, void *user);

/* Keras's Lambda: a layer without weights that computes the user's function. `config` is a JSON object with further
   arguments ("name", "input_shape", "output_shape"), or NULL. `release`, which may be NULL, is called with `user` when
   no layer needs the function any longer; never when this call fails. Files carry no code, but names: a model with
   such a layer is saved and loaded when its function is registered (nn_register_function). From its JSON it cannot be
   made again. */
NN_API nn_status nn_lambda(
    nn_layer **layer, nn_function function, void (*release)(void *user), void *user, const char *config);

/* Makes a function known by a name (Keras's custom objects). A layer of this function and this `user` stands in files
   under that name, and a file that names it loads, whoever wrote it: what the file asks for, this function does. A file
   that names a function which is not registered is NN_NOT_FOUND. NULL in place of the function forgets the name.
   `release` is called with `user` when neither the name nor a loaded layer needs it any longer. */
NN_API nn_status nn_register_function(
    const char *name, nn_function function, void (*release)(void *user), void *user);

/* Frees the handle; models that contain the layer keep it. */
NN_API void nn_layer_free(nn_layer *layer);

/* The layer's name, unique in its model: "dense_1"; NULL on error. Borrowed. */
NN_API const char *nn_layer_name(const nn_layer *layer);

/* Keras's class name, "Dense"; NULL on error. Borrowed. */
NN_API const char *nn_layer_class_name(const nn_layer *layer);

/* The layer's configuration as a JSON object, which nn_layer_new accepts. Free the text with nn_free. */
NN_API nn_status nn_layer_config_json(char **json, const nn_layer *layer);

/* 1 when training changes the layer's weights, 0 when it is frozen, -1 on error. */
NN_API int32_t nn_layer_get_trainable(const nn_layer *layer);

/* Freezes (0) or thaws (1) the layer; effective from the next fit on. */
NN_API nn_status nn_layer_set_trainable(nn_layer *layer, int32_t trainable);

/* Lets a layer that learns from data before training (Normalization: mean and variance) look at all of it; what it had
   learned before is forgotten. Makes the layer's variables for samples like those of `x` when there are none yet. */
NN_API nn_status nn_layer_adapt(nn_layer *layer, const nn_tensor *x);

/* ---- Optimizers ------------------------------------------------------------------------------------------------- */

/* The optimizer with Keras's name ("SGD", "sgd") and `config`, a JSON object with its arguments, or NULL for all
   defaults. */
NN_API nn_status nn_optimizer_new(nn_optimizer **optimizer, const char *name, const char *config);

/* Frees the handle; a model that was compiled with the optimizer keeps it. */
NN_API void nn_optimizer_free(nn_optimizer *optimizer);

/* The learning rate. */
NN_API nn_status nn_optimizer_get_learning_rate(double *rate, const nn_optimizer *optimizer);

/* Changes the learning rate, from the next batch on; may be called from a progress callback. NN_STATE when the rate is
   a schedule, which a number would silently replace. */
NN_API nn_status nn_optimizer_set_learning_rate(nn_optimizer *optimizer, double rate);

/* How many batches the optimizer has trained on; -1 on error. */
NN_API int64_t nn_optimizer_iterations(const nn_optimizer *optimizer);

/* The learning rate after `step` steps, counted from the first one after compiling. */
typedef double (*nn_schedule)(int64_t step, void *user);

/* Lets the learning rate follow a function from the next step on; it is called once for each step, on the thread
   that trains, and once for each nn_optimizer_get_learning_rate. A result that is not a finite number, or negative,
   ends the training with NN_INVALID_ARGUMENT before that step. `release`, which may be NULL, is called with `user`
   when the optimizer needs the function no longer; never when this call fails. */
NN_API nn_status nn_optimizer_set_schedule(
    nn_optimizer *optimizer, nn_schedule schedule, void (*release)(void *user), void *user);

/* Sets one of the numbers that the rule or the rate is made of, by Keras's name ("momentum", "beta_1",
   "learning_rate"), from the next step on. `value` is a JSON text: "0.9", or for "learning_rate" also a schedule:
   {"class_name": "ExponentialDecay", "config": {...}}. NN_STATE for what can only be chosen when the optimizer is
   made. */
NN_API nn_status nn_optimizer_set(nn_optimizer *optimizer, const char *field, const char *value);

/* The optimizer's configuration as a JSON object. Free the text with nn_free. */
NN_API nn_status nn_optimizer_config_json(char **json, const nn_optimizer *optimizer);

/* ---- Models ----------------------------------------------------------------------------------------------------- */

/* A model without layers. `name` NULL counts as Keras does: "sequential", "sequential_1", ... */
NN_API nn_status nn_sequential_new(nn_model **model, const char *name);

/* A model from the JSON that nn_model_config_json (or Keras's model.to_json) writes, or from its inner object alone,
   {"layers": [{"class_name": "Dense", "config": {"units": 10}}, ...]}; with new weights. */
NN_API nn_status nn_model_from_json(nn_model **model, const char *json);

/* Frees the handle. */
NN_API void nn_model_free(nn_model *model);

/* The model's name; NULL on error. Borrowed. */
NN_API const char *nn_model_name(const nn_model *model);

/* The model's configuration as JSON: {"class_name": "Sequential", "config": {"name": ..., "layers": [{"class_name":
   ..., "config": ...}, ...]}}. Free the text with nn_free. */
NN_API nn_status nn_model_config_json(char **json, const nn_model *model);

/* A new model, not compiled, that computes the same in inference with every BatchNormalization that is next to a Dense
   inside that Dense's weights: after a linear Dense, or before any, also across Flatten and layers that do nothing in
   inference (Dropout, noise, a linear Activation). Weights are copies; names stay. What cannot be folded stays. */
NN_API nn_status nn_model_fold_batch_normalization(nn_model **folded, nn_model *model);

/* Appends a layer. The model takes a reference of its own: free your handle when you no longer need it. */
NN_API nn_status nn_model_add(nn_model *model, nn_layer *layer);

/* Removes the last layer. */
NN_API nn_status nn_model_pop(nn_model *model);

/* The number of layers, as Keras counts them (without an input layer); -1 on error. */
NN_API int32_t nn_model_layer_count(const nn_model *model);

/* Layer `index`, counted from 0; a negative index counts from the end. A new handle to the same layer: free it. */
NN_API nn_status nn_model_layer(nn_layer **layer, const nn_model *model, int32_t index);

/* The layer with this name. A new handle to the same layer: free it. */
NN_API nn_status nn_model_layer_named(nn_layer **layer, const nn_model *model, const char *name);

/* Creates the weights for samples of this shape (without the batch axis). Only needed when no layer says its input
   shape and the weights are wanted before the first fit. */
NN_API nn_status nn_model_build(nn_model *model, int32_t rank, const int64_t *shape);

/* 1 when the model has its weights, 0 when not yet, -1 on error. */
NN_API int32_t nn_model_is_built(const nn_model *model);

/* The shape of one input sample of a built model: `shape` has room for NN_MAX_RANK extents. */
NN_API nn_status nn_model_input_shape(int64_t *shape, int32_t *rank, const nn_model *model);

/* The shape of the output for one sample of a built model: `shape` has room for NN_MAX_RANK extents. */
NN_API nn_status nn_model_output_shape(int64_t *shape, int32_t *rank, const nn_model *model);

/* Keras's table of layers and parameters, as text. Free it with nn_free. */
NN_API nn_status nn_model_summary(char **text, const nn_model *model);

/* The number of parameters of a built model. */
NN_API nn_status nn_model_count_params(int64_t *count, const nn_model *model);

/* 1 when training changes the model's weights, 0 when it is frozen, -1 on error. */
NN_API int32_t nn_model_get_trainable(const nn_model *model);

/* Freezes (0) or thaws (1) all layers. */
NN_API nn_status nn_model_set_trainable(nn_model *model, int32_t trainable);

/* Says how to train. `options` is a JSON object with Keras's arguments of compile: {"optimizer": ..., "loss": ...,
   "metrics": [...]}, where each component is a name ("sgd", "mse", "accuracy") or an object {"class_name": ...,
   "config": {...}}. When `optimizer` is not NULL it is used (the model takes a reference of its own), and `options`
   must not name another. */
NN_API nn_status nn_model_compile(nn_model *model, nn_optimizer *optimizer, const char *options);

/* The optimizer of a compiled model. A new handle to the same optimizer: free it. */
NN_API nn_status nn_model_optimizer(nn_optimizer **optimizer, const nn_model *model);

/* ---- Functional models ------------------------------------------------------------------------------------------ */

/* The entry of a functional model (Keras's Input) for samples of this shape, without the batch axis. `name` NULL
   counts as Keras does: "input_1", "input_2", ... */
NN_API nn_status nn_output_input(nn_output **output, int32_t rank, const int64_t *shape, const char *name);

/* Frees the handle. */
NN_API void nn_output_free(nn_output *output);

/* The shape of one sample: `shape` has room for NN_MAX_RANK extents. */
NN_API nn_status nn_output_shape(int64_t *shape, int32_t *rank, const nn_output *output);

/* Calls a layer on `count` outputs of other layers; a layer that is called several times is shared. `outputs` has room
   for `capacity` handles: one, except for a layer that is a model with several outputs. */
NN_API nn_status nn_layer_call(
    nn_output **outputs, int32_t capacity, nn_layer *layer, nn_output *const *inputs, int32_t count);

/* A functional model: everything between `inputs`, made by nn_output_input, and `outputs`. `name` NULL counts as Keras
   does: "model", "model_1", ... */
NN_API nn_status nn_model_new(
    nn_model **model, const char *name, nn_output *const *inputs, int32_t input_count, nn_output *const *outputs,
    int32_t output_count);

/* The model as a layer, to be called, or added to a Sequential; it shares the model's layers. Free the handle. */
NN_API nn_status nn_model_as_layer(nn_layer **layer, nn_model *model);

/* A new model of the same structure, with layers shared where they are shared here, fresh weights, not compiled. */
NN_API nn_status nn_model_clone(nn_model **clone, const nn_model *model);

/* How many tensors the model takes, and how many it gives; -1 on error. */
NN_API int32_t nn_model_input_count(const nn_model *model);
NN_API int32_t nn_model_output_count(const nn_model *model);

/* The names of inputs and outputs: those of their layers; NULL on error. Borrowed. */
NN_API const char *nn_model_input_name(const nn_model *model, int32_t index);
NN_API const char *nn_model_output_name(const nn_model *model, int32_t index);

/* The shape of one sample of input or output `index` of a built model: `shape` has room for NN_MAX_RANK extents. */
NN_API nn_status nn_model_input_shape_at(int64_t *shape, int32_t *rank, const nn_model *model, int32_t index);
NN_API nn_status nn_model_output_shape_at(int64_t *shape, int32_t *rank, const nn_model *model, int32_t index);

/* ---- Training --------------------------------------------------------------------------------------------------- */

/* What a progress callback is told about. */
enum {
  NN_EVENT_TRAIN_BEGIN = 1, /* before the first epoch */
  NN_EVENT_EPOCH_BEGIN = 2,
  NN_EVENT_BATCH_END = 3, /* values: running means over the epoch so far */
  NN_EVENT_EPOCH_END = 4, /* values: the epoch's, with val_loss and so on when there is validation data */
  NN_EVENT_TRAIN_END = 5, /* after the last epoch; not sent when the run ended with an error */
  /* These are sent to the hooks of an nn_callback only. */
  NN_EVENT_BATCH_BEGIN = 6,
  NN_EVENT_TEST_BEGIN = 7,       /* before a pass over the validation data */
  NN_EVENT_TEST_END = 8,         /* values: its loss and metrics */
  NN_EVENT_TEST_BATCH_BEGIN = 9,
  NN_EVENT_TEST_BATCH_END = 10,  /* values: running means over the pass so far */
  /* And this to the progress callback only. */
  NN_EVENT_MESSAGE = 11 /* message: what a callback says ("verbose": 1) */
};

/* One event. The structure and all it points to are valid during the callback only. */
typedef struct nn_event {
  size_t struct_size;       /* what the library filled in, for programs that use newer headers */
  int32_t kind;             /* NN_EVENT_... */
  int32_t value_count;      /* how many names and values */
  int64_t epoch;            /* counted from 0, as Keras's callbacks do */
  int64_t epochs;           /* the epoch at which the run will end */
  int64_t batch;            /* counted from 0, in this epoch */
  int64_t batches;          /* batches of an epoch */
  int64_t sample;           /* samples seen in this epoch */
  int64_t samples;          /* training samples of an epoch */
  const char *const *names; /* "loss", "accuracy", "val_loss", ... */
  const double *values;     /* in the order of the names */
  const char *message;      /* one line, with NN_EVENT_MESSAGE; else NULL */
} nn_event;

/* Hears of progress, on the thread that called nn_model_fit, and never after that call returned. Any result but 0
   stops the training after the present batch. The callback may read the model (names, weights, optimizer), change the
   learning rate and call nn_cancel; calls that would train, evaluate, predict, compile or change the same model
   return NN_STATE. The callback must return: it must not be left by longjmp or by an exception. */
typedef int32_t (*nn_progress)(const nn_event *event, void *user);

/* Samples: a tensor for each input of a model, one for each output that has a loss, and perhaps weights: one number
   for each sample, for all outputs when there is one tensor of them, else one tensor (or NULL) for each output.
   Start from NN_SAMPLES_INIT; the arrays are the caller's. */
typedef struct nn_samples {
  size_t struct_size; /* sizeof(nn_samples) */
  nn_tensor *const *x;
  nn_tensor *const *y;
  nn_tensor *const *weights;
  int32_t x_count;
  int32_t y_count;
  int32_t weight_count;
  int32_t reserved; /* 0 */
} nn_samples;

/* nn_samples samples = NN_SAMPLES_INIT; */
#define NN_SAMPLES_INIT { sizeof(nn_samples), NULL, NULL, NULL, 0, 0, 0, 0 }

/* A source of batches: fills `batch`, which comes as NN_SAMPLES_INIT, and returns 1; or returns 0 where an epoch
   ends, or a negative status, which ends the call with that status. Tensors and arrays stay the caller's, and must
   stay valid until the next call or the end of the run. */
typedef int32_t (*nn_batch_source)(nn_samples *batch, void *user);

/* Options of nn_model_fit. Zero is every member's default, which is Keras's. */
typedef struct nn_fit_options {
  size_t struct_size;        /* sizeof(nn_fit_options) */
  int64_t batch_size;        /* samples of one step; 0: 32 */
  int64_t epochs;            /* the epoch at which to end; 0: 1 */
  int64_t initial_epoch;     /* the epoch at which to begin, to go on with an earlier run */
  double validation_split;   /* this last fraction of the samples is kept for validation */
  const nn_tensor *validation_x; /* or these samples are used for validation */
  const nn_tensor *validation_y;
  nn_progress callback; /* hears of progress; may be NULL */
  void *user;           /* passed to the callback */
  int32_t in_order;     /* not 0: take the samples in their order in every epoch (Keras's shuffle=False) */
  int32_t epochs_only;  /* not 0: no NN_EVENT_BATCH_END events */
  nn_callback *const *callbacks; /* called in this order, before `callback` */
  int64_t callback_count;
  const nn_samples *validation; /* validation data of models with several inputs or outputs, or with weights */
  nn_batch_source validation_source; /* or a source of batches for it */
  void *validation_user;             /* passed to that source */
  const nn_tensor *sample_weight;    /* one number for each sample, by which its loss is multiplied; may be NULL */
  const char *class_weight;          /* JSON, {"0": 1, "1": 5}: the same by class, for every class; or NULL */
  int64_t steps_per_epoch;           /* batches of an epoch; 0: as many as there are */
  int64_t validation_steps;          /* batches of a validation; 0: as many as there are */
  int64_t validation_freq;           /* validates after every so many epochs; 0: after each */
} nn_fit_options;

/* nn_fit_options options = NN_FIT_OPTIONS_INIT; */
#define NN_FIT_OPTIONS_INIT \
  { sizeof(nn_fit_options), 0, 0, 0, 0.0, NULL, NULL, NULL, NULL, 0, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL, 0, 0, 0 }

/* Trains a compiled model on samples x (the first axis counts them) and targets y. `history`, which may be NULL,
   receives what was recorded; `options` may be NULL. NN_CANCELLED means that nn_cancel or the callback stopped the
   run: then `history` is set and holds the completed epochs, the weights and the optimizer are as after the last
   batch (the weights of the best epoch, when an EarlyStopping restores those), and the model can be used, trained
   further, or go on with this run by nn_model_resume. After any other error the model is usable too: errors in arguments and data are found before the first
   batch and change nothing; NN_NOT_FINITE, when the loss became NaN or infinite, leaves the weights as they were at
   the beginning of that epoch (with a TerminateOnNaN the run ends normally instead). */
NN_API nn_status nn_model_fit(
    nn_history **history, nn_model *model, const nn_tensor *x, const nn_tensor *y, const nn_fit_options *options);

/* The same for models with any number of inputs and outputs. */
NN_API nn_status nn_model_fit_samples(
    nn_history **history, nn_model *model, const nn_samples *samples, const nn_fit_options *options);

/* The same with batches from a source: options->steps_per_epoch of them in an epoch, or as many as come until the
   source returns 0. batch_size, validation_split and sample_weight have no place here: batches come as they are. */
NN_API nn_status nn_model_fit_source(
    nn_history **history, nn_model *model, nn_batch_source source, void *user, const nn_fit_options *options);

/* Goes on with the run that NN_CANCELLED has ended, where it stopped, as it would have gone on without the stop: the
   same bits in weights, optimizer, history and random numbers, at any number of threads. `history` receives the record
   of the whole run; NN_CANCELLED means that it was stopped again. The learning rate may have been changed in between.
   Of `options`, which may be NULL, only callback, user, epochs_only (progress is told to these) and callbacks count;
   all else must be 0. With callbacks, these take the place of the run's; those that were among them go on with what
   they remember, the others begin here. The model keeps the run's tensors until then; a batch source must still be
   there, and gives its next batch. NN_STATE when there is no such run, or when weights, layers or what is trainable
   have changed since; training or compiling the model anew, or an error that ended the run, forgets it. A program that
   wants to train in the background calls nn_model_fit in a thread of its own, and pauses by nn_cancel. */
NN_API nn_status nn_model_resume(nn_history **history, nn_model *model, const nn_fit_options *options);

/* Asks the model's running nn_model_fit, nn_model_resume, nn_model_evaluate, nn_model_predict_mc or
   nn_model_find_learning_rate to stop after the present batch. May be called from any thread, from a callback and from
   a signal handler: it takes no lock, allocates nothing, and does not touch the last error. NN_OK also when nothing is
   running: then nothing happens, and later calls are not affected. */
NN_API nn_status nn_cancel(const nn_model *model);

/* One step of training on the whole of x and y. `values` has room for `capacity` numbers and receives
   nn_model_metric_count of them: the loss before the step, and the metrics. */
NN_API nn_status nn_model_train_on_batch(
    double *values, int32_t capacity, nn_model *model, const nn_tensor *x, const nn_tensor *y);

/* The loss and the metrics on x and y. `values` has room for `capacity` numbers and receives nn_model_metric_count of
   them. `batch_size` says how many samples are computed at once; 0 leaves that to the library. */
NN_API nn_status nn_model_evaluate(
    double *values, int32_t capacity, nn_model *model, const nn_tensor *x, const nn_tensor *y, int64_t batch_size);

/* Trains with a learning rate that grows exponentially, batch by batch, and gives the rates and each batch's loss.
   Weights, optimizer, random numbers and history are afterwards as they were. `options`: a JSON object with
   "min_rate" (1e-5), "max_rate" (10), "epochs" (1), "batch_size" (32), or NULL. It stops early when a loss is not
   finite (that one is left out), or exceeds both ten times the smallest loss so far and the first one. nn_cancel
   stops it (NN_CANCELLED). */
NN_API nn_status nn_model_find_learning_rate(
    nn_tensor **rates, nn_tensor **losses, nn_model *model, const nn_tensor *x, const nn_tensor *y,
    const char *options);

/* The outputs for x, as a float32 tensor. `batch_size` says how many samples are computed at once; 0 leaves that to
   the library. */
NN_API nn_status nn_model_predict(nn_tensor **y, nn_model *model, const nn_tensor *x, int64_t batch_size);

/* Monte Carlo dropout: mean and standard deviation (of the population, as NumPy's std) of the outputs over `samples`
   passes (0: 100) in which dropout drops and noise is added, while everything else is as in predict. No pass is kept.
   The same seed, batch size and order of calls give the same bits. nn_cancel stops it (NN_CANCELLED); NN_STATE when
   nothing in the model is random. */
NN_API nn_status nn_model_predict_mc(
    nn_tensor **mean, nn_tensor **deviation, nn_model *model, const nn_tensor *x, int64_t samples, int64_t batch_size);

/* The outputs for x in one go; `training` 1 means that layers behave as in training, 0 as in predict. */
NN_API nn_status nn_model_call(nn_tensor **y, nn_model *model, const nn_tensor *x, int32_t training);

/* The same four for models with any number of inputs and outputs. `class_weight` is as in nn_fit_options, or NULL. */
NN_API nn_status nn_model_train_on_samples(
    double *values, int32_t capacity, nn_model *model, const nn_samples *samples, const char *class_weight);
NN_API nn_status nn_model_evaluate_samples(
    double *values, int32_t capacity, nn_model *model, const nn_samples *samples, int64_t batch_size);
NN_API nn_status nn_model_predict_all(
    nn_tensor **outputs, int32_t capacity, nn_model *model, nn_tensor *const *inputs, int32_t count,
    int64_t batch_size);
NN_API nn_status nn_model_call_all(
    nn_tensor **outputs, int32_t capacity, nn_model *model, nn_tensor *const *inputs, int32_t count, int32_t training);

/* The loss and the metrics over the batches of a source: `steps` of them, or until it returns 0 when `steps` is 0. */
NN_API nn_status nn_model_evaluate_source(
    double *values, int32_t capacity, nn_model *model, nn_batch_source source, void *user, int64_t steps);

/* The loss and the metrics of one batch. */
NN_API nn_status nn_model_test_on_batch(
    double *values, int32_t capacity, nn_model *model, const nn_tensor *x, const nn_tensor *y);

/* The class of each sample, as NN_INT32: the place of the largest output, counted from 0, or, where there is one
   output, whether it is greater than 0.5. */
NN_API nn_status nn_model_predict_classes(
    nn_tensor **classes, nn_model *model, const nn_tensor *x, int64_t batch_size);

/* How many numbers evaluate and train_on_batch give: 1 for the loss, and 1 for each metric; -1 on error. */
NN_API int32_t nn_model_metric_count(const nn_model *model);

/* Their names: "loss", "accuracy"; NULL on error. Borrowed. */
NN_API const char *nn_model_metric_name(const nn_model *model, int32_t index);

/* The program of one training step, kernel by kernel, as text. Free it with nn_free. */
NN_API nn_status nn_model_explain(char **text, nn_model *model);

/* ---- Callbacks -------------------------------------------------------------------------------------------------- */

/* The callback with Keras's name ("EarlyStopping", "ReduceLROnPlateau", "OneCycle", ...) and `config`, a JSON object
   with its arguments, or NULL for all defaults. Give it to nn_model_fit by its options. It may be used again: each
   training starts it anew (a ModelCheckpoint goes on with its best value, as Keras's does). */
NN_API nn_status nn_callback_new(nn_callback **callback, const char *name, const char *config);

/* The learning rate of an epoch (counted from 0), when it is `rate` now. */
typedef double (*nn_epoch_rate)(int64_t epoch, double rate, void *user);

/* Keras's LearningRateScheduler: sets the learning rate of each epoch by a function. A result that is not a finite
   number, or negative, ends the training with NN_INVALID_ARGUMENT. `release`, which may be NULL, is called with `user`
   when the function is needed no longer; never when this call fails. */
NN_API nn_status nn_callback_learning_rate_scheduler(
    nn_callback **callback, nn_epoch_rate function, void (*release)(void *user), void *user);

/* Keeps the model's weights under a name, now. 0, or a negative status, which ends the training with that error. */
typedef int32_t (*nn_save)(const char *path, void *user);

/* Keras's ModelCheckpoint with `config`, a JSON object with its arguments ("filepath" is required). A filepath that ends
   like a model file (see nn_model_save) is written; with another name a copy of the weights is kept in memory
   (nn_callback_get_weights). Each time `function` is called with the name, its placeholders filled. `function` and
   `release` may be NULL; `release` is never called when this call fails. */
NN_API nn_status nn_callback_model_checkpoint(
    nn_callback **callback, const char *config, nn_save function, void (*release)(void *user), void *user);

/* A hook: hears of an event, with the `user` of its nn_hooks. 0 goes on; a positive number ends the training normally,
   after the batch or after the epoch, as Keras's model.stop_training = True; a negative status ends it with that error
   (the model stays usable). What holds for nn_progress holds for hooks: on which thread, and what they may call. */
typedef int32_t (*nn_hook)(const nn_event *event, void *user);

/* A callback of one's own. A hook that is NULL costs nothing. */
typedef struct nn_hooks {
  size_t struct_size;          /* sizeof(nn_hooks) */
  void *user;                  /* passed to every hook */
  void (*release)(void *user); /* when the callback is gone; may be NULL */
  nn_hook on_train_begin;
  nn_hook on_train_end;
  nn_hook on_epoch_begin;
  nn_hook on_epoch_end;
  nn_hook on_batch_begin;
  nn_hook on_batch_end;
  nn_hook on_test_begin;
  nn_hook on_test_end;
  nn_hook on_test_batch_begin;
  nn_hook on_test_batch_end;
  /* For BackupAndRestore. get_state makes a tensor of what the callback must know to go on after a crash (NN_UINT8 for
     bytes of any meaning); the library frees it. It is asked between two batches. set_state gets its numbers back, after
     on_train_begin, when a training goes on from a backup; the tensor lives until it returns. Both return 0, or a
     negative status, which ends the training with that error. Both or none: without them the callback begins anew. */
  int32_t (*get_state)(nn_tensor **state, void *user);
  int32_t (*set_state)(const nn_tensor *state, void *user);
} nn_hooks;

/* nn_hooks hooks = NN_HOOKS_INIT; */
#define NN_HOOKS_INIT \
  { sizeof(nn_hooks), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/* A callback that calls functions of yours. `hooks` is copied; `release` is never called when this call fails. */
NN_API nn_status nn_callback_from_hooks(nn_callback **callback, const nn_hooks *hooks);

/* Adds a number to an epoch's logs, or replaces it: callbacks that come later see it, and the history records it. Only
   while on_epoch_end is running, with the event that it was given; NN_STATE otherwise. */
NN_API nn_status nn_event_log(const nn_event *event, const char *name, double value);

/* Frees the handle. */
NN_API void nn_callback_free(nn_callback *callback);

/* A number that the callback has found out, by Keras's name: "best", "wait", "stopped_epoch", "best_epoch" ...; or
   one of its arguments, "patience". NN_NOT_FOUND for other names, and while there is no such number. */
NN_API nn_status nn_callback_get(double *value, const nn_callback *callback, const char *name);

/* All that the callback has found out (weights apart), as a JSON object. Free the text with nn_free. */
NN_API nn_status nn_callback_state_json(char **json, const nn_callback *callback);

/* The callback's arguments as a JSON object. Free the text with nn_free. */
NN_API nn_status nn_callback_config_json(char **json, const nn_callback *callback);

/* The number of weight arrays that the callback keeps: those of the best epoch (EarlyStopping with
   restore_best_weights), those of the last checkpoint (ModelCheckpoint); 0 when it keeps none, -1 on error. */
NN_API int32_t nn_callback_weight_count(const nn_callback *callback);

/* Copies of them, in the order of nn_model_set_weights: `weights` has room for `capacity` handles. Free each. */
NN_API nn_status nn_callback_get_weights(nn_tensor **weights, int32_t capacity, const nn_callback *callback);

/* ---- Weights ---------------------------------------------------------------------------------------------------- */

/* The number of weight arrays of a built model, in Keras's order; -1 on error. */
NN_API int32_t nn_model_weight_count(const nn_model *model);

/* The name of a weight array, "dense/kernel:0"; NULL on error. Borrowed. */
NN_API const char *nn_model_weight_name(const nn_model *model, int32_t index);

/* The shape of a weight array: `shape` has room for NN_MAX_RANK extents. */
NN_API nn_status nn_model_weight_shape(int64_t *shape, int32_t *rank, const nn_model *model, int32_t index);

/* A copy of a weight array. */
NN_API nn_status nn_model_get_weight(nn_tensor **weight, const nn_model *model, int32_t index);

/* Overwrites a weight array. */
NN_API nn_status nn_model_set_weight(nn_model *model, int32_t index, const nn_tensor *weight);

/* Whether training changes a weight array, as far as its layer is trainable: 1 or 0, -1 on error. What layers keep by
   themselves (moving averages) is never trained: 0. */
NN_API int32_t nn_model_get_weight_trainable(const nn_model *model, int32_t index);

/* Freezes a weight array (0), or lets it be trained again (1), from the next fit on; its layer's other weights are not
   concerned. Files keep it. */
NN_API nn_status nn_model_set_weight_trainable(nn_model *model, int32_t index, int32_t trainable);

/* Copies of all weight arrays: `weights` has room for `capacity` handles, at least nn_model_weight_count. Free each.
   */
NN_API nn_status nn_model_get_weights(nn_tensor **weights, int32_t capacity, const nn_model *model);

/* Overwrites all weight arrays; when one does not fit, none is changed. */
NN_API nn_status nn_model_set_weights(nn_model *model, nn_tensor *const *weights, int32_t count);

/* How many arrays the optimizer of a compiled model keeps: the count of its steps (int32, a scalar), then its slots, the
   first for all weights that are trained, then the second; behind the count Nadam's product of momenta. -1 on error. */
NN_API int32_t nn_model_optimizer_weight_count(const nn_model *model);

/* Copies of them: `weights` has room for `capacity` handles. Free each. */
NN_API nn_status nn_model_get_optimizer_weights(nn_tensor **weights, int32_t capacity, const nn_model *model);

/* Overwrites them; when something does not fit, nothing is changed. */
NN_API nn_status nn_model_set_optimizer_weights(nn_model *model, nn_tensor *const *weights, int32_t count);

/* ---- Model files ------------------------------------------------------------------------------------------------ */

/* Saves structure, weights, what nn_model_compile was given and the optimizer's state. The format follows from the
   end of `path`: .h5 or .hdf5 (TensorFlow 2.1, tf_keras and Keras 3 all read it), .keras (Keras 3), .safetensors, .npz.
   `options` is NULL or a JSON object: {"format": "h5", "include_optimizer": true}. The file is there whole or not at
   all: after a crash at any moment the old one or the new one. HDF5 needs libhdf5, archives libzip; a call that misses
   one of them is NN_NOT_SUPPORTED and names the package. */
NN_API nn_status nn_model_save(const nn_model *model, const char *path, const char *options);

/* The bytes of such a file; `format` is "h5", "keras", "safetensors" or "npz", or the options of nn_model_save with
   "format" among them. `*bytes` is yours: give it to nn_free. */
NN_API nn_status nn_model_save_buffer(void **bytes, size_t *size, const nn_model *model, const char *format);

/* The model in a file that any Keras, or this library, has written; the format is recognized by the contents. Compiled
   as it was, so that training goes on where it was; `options` is NULL or {"compile": false}. */
NN_API nn_status nn_model_load(nn_model **model, const char *path, const char *options);

/* The model in `size` bytes of memory, which are needed during the call only. */
NN_API nn_status nn_model_load_buffer(nn_model **model, const void *bytes, size_t size, const char *options);

/* The model as one file of C99 that needs libm only: a function that computes what nn_model_predict does, one sample at
   a time, the weights, and a test of itself (compile it with -DNAME_SELF_TEST). The file says how to use it. `path` ends
   in .c, .cc, .cpp or .h. `options` is NULL or a JSON object: {"name": "net", "weights": "int8"}: what all names begin
   with (by default the model's name), and how weights are stored, "float32" or "int8" (kernels in eight bits, a scale
   for each output). `samples` holds a tensor for each of the model's `count` inputs, for the test; NULL and 0: made
   ones. The file is there whole or not at all. NN_STATE for a model that is not built, NN_NOT_SUPPORTED for one that is
   random in prediction or mixes the samples of a batch. */
NN_API nn_status nn_model_export_c(
    nn_model *model, const char *path, const char *options, nn_tensor *const *samples, int32_t count);

/* The text of such a file, with a zero behind it that `*size` does not count. `*bytes` is yours: give it to nn_free. */
NN_API nn_status nn_model_export_c_buffer(
    void **bytes, size_t *size, nn_model *model, const char *options, nn_tensor *const *samples, int32_t count);

/* The model in the Open Neural Network Exchange format (operator set 17, https://onnx.ai), which other programs run: it
   computes what nn_model_predict does, for any number of samples; inputs and outputs are float32 and have the model's
   names. `path` ends in .onnx. `options` is NULL or a JSON object: {"batch": 1}: for that many samples only. The file is
   there whole or not at all. NN_STATE for a model that is not built, NN_NOT_SUPPORTED for one that is random in
   prediction, and without "batch" for one in which something depends on the number of samples. */
NN_API nn_status nn_model_export_onnx(nn_model *model, const char *path, const char *options);

/* The bytes of such a file. `*bytes` is yours: give it to nn_free. */
NN_API nn_status nn_model_export_onnx_buffer(void **bytes, size_t *size, nn_model *model, const char *options);

/* Saves the weights alone: .weights.h5 (Keras 3's layout, with the optimizer's state), .h5 (Keras 2's), .safetensors,
   .npz. `options` is NULL or {"format": "h5"}. */
NN_API nn_status nn_model_save_weights(const nn_model *model, const char *path, const char *options);

/* The bytes of such a file; `format` also "weights.h5". `*bytes` is yours: give it to nn_free. */
NN_API nn_status nn_model_save_weights_buffer(void **bytes, size_t *size, const nn_model *model, const char *format);

/* Takes over the weights of a file, layer by layer in their order; when something does not fit, nothing is changed.
   `options` is NULL or a JSON object: {"by_name": true} takes those layers whose names both have, {"skip_mismatch":
   true} leaves layers that do not fit as they are. */
NN_API nn_status nn_model_load_weights(nn_model *model, const char *path, const char *options);

/* The same from `size` bytes of memory, which are needed during the call only. */
NN_API nn_status nn_model_load_weights_buffer(nn_model *model, const void *bytes, size_t size, const char *options);

/* ---- Histories -------------------------------------------------------------------------------------------------- */

/* Frees the handle. */
NN_API void nn_history_free(nn_history *history);

/* The number of completed epochs; -1 on error. */
NN_API int64_t nn_history_epoch_count(const nn_history *history);

/* The number of recorded quantities; -1 on error. */
NN_API int32_t nn_history_key_count(const nn_history *history);

/* The name of a quantity: "loss", "accuracy", "val_loss", "val_accuracy"; NULL on error. Borrowed. */
NN_API const char *nn_history_key(const nn_history *history, int32_t index);

/* The `count` numbers that were recorded for a quantity, one for each epoch; NULL on error. Borrowed. `count` may be
   NULL. */
NN_API const double *nn_history_values(int64_t *count, const nn_history *history, const char *key);

/* 1 when the run was stopped by nn_cancel or a callback, 0 when it ran to its end, -1 on error. */
NN_API int32_t nn_history_was_cancelled(const nn_history *history);

/* ---- Data ------------------------------------------------------------------------------------------------------- */

/* The Fashion-MNIST images and labels, all NN_UINT8: 60,000 x 28 x 28, 60,000, 10,000 x 28 x 28, 10,000. `directory`
   holds the four IDX files; NULL means where the Debian package dataset-fashion-mnist puts them. Each result may be
   NULL when it is not wanted. */
NN_API nn_status nn_fashion_mnist_load(
    nn_tensor **x_train, nn_tensor **y_train, nn_tensor **x_test, nn_tensor **y_test, const char *directory);

/* What a label of Fashion-MNIST stands for: "T-shirt/top" (0) ... "Ankle boot" (9); NULL on error. Static. */
NN_API const char *nn_fashion_mnist_class_name(int32_t label);

/* The array in an IDX file, plain or compressed by gzip. */
NN_API nn_status nn_idx_read(nn_tensor **tensor, const char *path);

/* Divides the rows of `count` tensors, the same rows of each, into a part to train with and a part to test with:
   `train` and `test` have room for `count` handles. `options` is a JSON object with scikit-learn's arguments
   {"test_size": 0.25, "train_size": null, "shuffle": true, "seed": null}, or NULL for these defaults. */
NN_API nn_status nn_train_test_split(
    nn_tensor **train, nn_tensor **test, int32_t count, nn_tensor *const *tensors, const char *options);

/* ---- The catalog ------------------------------------------------------------------------------------------------ */

/* Everything that has a name, as a JSON object: for each noun ("layers", "initializers", "activations",
   "regularizers", "constraints", "optimizers", "schedules", "losses", "metrics", "callbacks") and for "functions" (of
   nn_tensor_apply) a list of its members; for each member its name, aliases, doc and arguments; for each argument its
   name, kind, doc, default, or that it is required; for each function the number of its "tensors", -1 for any number.
   Free the text with nn_free. */
NN_API nn_status nn_catalog_json(char **json);

#ifdef __cplusplus
}
#endif

#endif
