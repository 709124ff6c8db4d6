/* Models in files and in memory. */
#include "check.h"
#include "classifier.h"

static char folder[] = "/tmp/nn-files-XXXXXX";
static char path[256];

char *mkdtemp(char *template); /* POSIX's, which C99 does not declare */

static const char *in_folder(const char *name) {
  sprintf(path, "%s/%s", folder, name);
  return path;
}

/* Bit for bit. */
static int equal(nn_model *a, nn_model *b) {
  int32_t i, n = nn_model_weight_count(a);
  int same = n > 0 && n == nn_model_weight_count(b);
  for (i = 0; same && i < n; i++) {
    nn_tensor *s = NULL, *t = NULL;
    same = OK(nn_model_get_weight(&s, a, i)) && OK(nn_model_get_weight(&t, b, i)) &&
           nn_tensor_count(s) == nn_tensor_count(t) &&
           memcmp(nn_tensor_data(s), nn_tensor_data(t), sizeof(float) * (size_t)nn_tensor_count(s)) == 0;
    nn_tensor_free(s);
    nn_tensor_free(t);
  }
  return same;
}

static nn_fit_options quiet(void) {
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  options.epochs = 2;
  options.in_order = 1;
  return options;
}

static const char *const adam =
    "{\"loss\": \"sparse_categorical_crossentropy\", \"metrics\": [\"accuracy\"], \"optimizer\": \"adam\"}";

/* Saved, loaded and trained on, it is the model that was never saved. */
static void files(void) {
  static const char *const names[] = {"m.h5", "m.keras", "m.safetensors", "m.npz"};
  size_t i;
  for (i = 0; i < sizeof names / sizeof *names; i++) {
    nn_model *model = classifier(adam), *again;
    nn_optimizer *optimizer;
    nn_fit_options options = quiet();
    OK(nn_model_fit(NULL, model, x, y, &options));
    OK(nn_model_save(model, in_folder(names[i]), NULL));
    if (OK(nn_model_load(&again, in_folder(names[i]), NULL))) {
      CHECK(equal(model, again));
      OK(nn_model_optimizer(&optimizer, again));
      CHECK(nn_optimizer_iterations(optimizer) > 0);
      nn_optimizer_free(optimizer);
      OK(nn_model_fit(NULL, model, x, y, &options));
      OK(nn_model_fit(NULL, again, x, y, &options));
      CHECK(equal(model, again));
      nn_model_free(again);
    }
    OK(nn_model_load(&again, in_folder(names[i]), "{\"compile\": false}"));
    FAILS(nn_model_fit(NULL, again, x, y, &options), NN_STATE, "not compiled");
    nn_model_free(again);
    nn_model_free(model);
  }
}

static void buffers(void) {
  static const char *const formats[] = {"h5", "keras", "safetensors", "npz"};
  size_t i, size;
  void *bytes;
  nn_model *model = classifier(usual), *again;
  for (i = 0; i < sizeof formats / sizeof *formats; i++) {
    if (!OK(nn_model_save_buffer(&bytes, &size, model, formats[i]))) continue;
    CHECK(size > 400);
    if (OK(nn_model_load_buffer(&again, bytes, size, NULL))) CHECK(equal(model, again));
    nn_model_free(again);
    FAILS(nn_model_load_buffer(&again, bytes, size / 2, NULL), NN_FORMAT, "the buffer");
    CHECK(again == NULL);
    nn_free(bytes);
    OK(nn_model_save_weights_buffer(&bytes, &size, model, formats[i][0] == 'k' ? "weights.h5" : formats[i]));
    again = classifier(NULL);
    CHECK(equal(model, again)); /* the same seed */
    OK(nn_set_seed(99));
    {
      nn_tensor *kernel;
      int64_t shape[] = {4, 8};
      float zeros[32] = {0};
      OK(nn_tensor_new(&kernel, NN_FLOAT32, 2, shape, zeros));
      OK(nn_model_set_weight(again, 0, kernel));
      nn_tensor_free(kernel);
    }
    CHECK(!equal(model, again));
    OK(nn_model_load_weights_buffer(again, bytes, size, NULL));
    CHECK(equal(model, again));
    nn_model_free(again);
    nn_free(bytes);
  }
  nn_model_free(model);
}

static void weights(void) {
  nn_model *model = classifier(usual), *other;
  OK(nn_model_save_weights(model, in_folder("w.h5"), NULL));
  OK(nn_sequential_new(&other, NULL));
  OK(add(other, "Dense", "{\"units\": 8, \"input_shape\": [4]}"));
  OK(add(other, "Dense", "{\"units\": 5}"));
  FAILS(nn_model_load_weights(other, in_folder("w.h5"), NULL), NN_SHAPE, "(8, 5)");
  OK(nn_model_load_weights(other, in_folder("w.h5"), "{\"skip_mismatch\": true}"));
  FAILS(nn_model_load_weights(other, in_folder("w.h5"), "{\"by_nam\": true}"), NN_INVALID_ARGUMENT, "'by_name'");
  FAILS(nn_model_load_weights(other, in_folder("w.h5"), "{\"by_name\": 1}"), NN_INVALID_ARGUMENT, "true or false");
  nn_model_free(other);
  nn_model_free(model);
}

static void without_optimizer(void) {
  nn_model *model = classifier(usual), *again;
  nn_optimizer *optimizer;
  void *bytes;
  size_t size;
  OK(nn_model_optimizer(&optimizer, model));
  nn_optimizer_free(optimizer);
  OK(nn_model_save_buffer(&bytes, &size, model, "{\"format\": \"h5\", \"include_optimizer\": false}"));
  OK(nn_model_load_buffer(&again, bytes, size, NULL));
  CHECK(equal(model, again));
  FAILS(nn_model_optimizer(&optimizer, again), NN_STATE, "compile");
  nn_model_free(again);
  nn_free(bytes);
  nn_model_free(model);
}

static void mistakes(void) {
  nn_model *model = classifier(usual), *again;
  void *bytes;
  size_t size;
  FAILS(nn_model_save(model, NULL, NULL), NN_INVALID_ARGUMENT, "'path' is NULL");
  FAILS(nn_model_save(NULL, "a.h5", NULL), NN_INVALID_ARGUMENT, "NULL");
  FAILS(nn_model_save(model, in_folder("model"), NULL), NN_INVALID_ARGUMENT, "which format");
  FAILS(nn_model_save(model, in_folder("none/m.h5"), NULL), NN_NOT_FOUND, "folder does not exist");
  FAILS(nn_model_save_buffer(&bytes, &size, model, "{\"forma\": \"h5\"}"), NN_INVALID_ARGUMENT, "did you mean 'format'");
  FAILS(nn_model_save_buffer(&bytes, &size, model, "kera"), NN_INVALID_ARGUMENT, "'keras'");
  CHECK(bytes == NULL && size == 0);
  FAILS(nn_model_load(&again, in_folder("no.h5"), NULL), NN_NOT_FOUND, "could not be opened");
  CHECK(again == NULL);
  FAILS(nn_model_load_buffer(&again, NULL, 10, NULL), NN_INVALID_ARGUMENT, "'bytes' is NULL");
  FAILS(nn_model_load_buffer(&again, "0123456789", 10, NULL), NN_FORMAT, "no model file");
  FAILS(nn_model_load_buffer(&again, "", 0, NULL), NN_FORMAT, "empty");
  nn_model_free(model);
}

/* A checkpoint that is a file, and a training that is backed up. */
static void callbacks(void) {
  nn_model *model = classifier(usual), *again;
  nn_callback *both[2];
  nn_fit_options options = quiet();
  char config[400];
  double epoch;
  sprintf(config, "{\"filepath\": \"%s/c-{epoch:02d}.h5\"}", folder);
  OK(nn_callback_new(&both[0], "ModelCheckpoint", config));
  sprintf(config, "{\"backup_dir\": \"%s/backup\"}", folder);
  OK(nn_callback_new(&both[1], "BackupAndRestore", config));
  options.callbacks = both;
  options.callback_count = 2;
  OK(nn_model_fit(NULL, model, x, y, &options));
  if (OK(nn_model_load(&again, in_folder("c-02.h5"), NULL))) CHECK(equal(model, again));
  nn_model_free(again);
  OK(nn_model_load(&again, in_folder("c-01.h5"), NULL));
  CHECK(!equal(model, again));
  nn_model_free(again);
  FAILS(nn_callback_get(&epoch, both[1], "restored_epoch"), NN_NOT_FOUND, "has no value yet");
  nn_callback_free(both[0]);
  nn_callback_free(both[1]);
  nn_model_free(model);
}

/* A model as C: what such a file computes is compared in Tests/checks/export.sh. */
static void exports(void) {
  nn_model *model = classifier(NULL), *unbuilt;
  nn_tensor *samples[2];
  void *bytes;
  size_t size;
  FILE *file;
  static const float ones[] = {1, 1, 1, 1, 1, 1, 1, 1};
  samples[0] = floats(ones, 2, 2, 4, 0);
  samples[1] = y;
  OK(nn_model_export_c(model, in_folder("net.c"), "{\"name\": \"net\"}", NULL, 0));
  if (OK(nn_model_export_c_buffer(&bytes, &size, model, "{\"name\": \"net\"}", NULL, 0))) {
    char *again = malloc(size + 1);
    CHECK(strlen((char *)bytes) == size && size > 1000);
    CHECK(strstr(bytes, "int net_predict(const float *x, size_t n, float *y);") != NULL);
    file = fopen(path, "rb");
    CHECK(file != NULL && again != NULL && fread(again, 1, size + 1, file) == size && memcmp(again, bytes, size) == 0);
    if (file != NULL) fclose(file);
    free(again);
    nn_free(bytes);
  }
  if (OK(nn_model_export_c_buffer(&bytes, &size, model, "{\"name\": \"net\", \"weights\": \"int8\"}", samples, 1))) {
    CHECK(strstr(bytes, "static const signed char net_") != NULL);
    CHECK(strstr(bytes, "net_test_x[8] = {\n  1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f\n") != NULL);
    nn_free(bytes);
  }
  FAILS(nn_model_export_c(model, in_folder("net.h5"), NULL, NULL, 0), NN_INVALID_ARGUMENT, "must end in .c");
  FAILS(nn_model_export_c(model, in_folder("no/net.c"), NULL, NULL, 0), NN_NOT_FOUND, "its folder does not exist");
  FAILS(nn_model_export_c(model, in_folder("m.c"), "{\"weights\": \"int4\"}", NULL, 0), NN_INVALID_ARGUMENT, "'int8'");
  FAILS(nn_model_export_c(model, in_folder("m.c"), "{\"weight\": 1}", NULL, 0), NN_INVALID_ARGUMENT, "did you mean");
  FAILS(nn_model_export_c(model, in_folder("m.c"), NULL, samples, 2), NN_SHAPE, "takes 1 inputs");
  FAILS(nn_model_export_c(model, in_folder("m.c"), NULL, &samples[1], 1), NN_SHAPE, "samples of shape (None, 4)");
  FAILS(nn_model_export_c(model, NULL, NULL, NULL, 0), NN_INVALID_ARGUMENT, "path");
  FAILS(nn_model_export_c(NULL, in_folder("m.c"), NULL, NULL, 0), NN_INVALID_ARGUMENT, "model");
  OK(nn_sequential_new(&unbuilt, NULL));
  OK(add(unbuilt, "Dense", "{\"units\": 3}"));
  FAILS(nn_model_export_c_buffer(&bytes, &size, unbuilt, NULL, NULL, 0), NN_STATE, "not built");
  CHECK(bytes == NULL && size == 0);
  nn_model_free(unbuilt);
  nn_tensor_free(samples[0]);
  nn_model_free(model);
}

/* A model as ONNX: what such a file computes is compared in Tests/interop and by the Swift tests. */
static void onnx(void) {
  nn_model *model = classifier(NULL), *unbuilt;
  void *bytes;
  size_t size;
  OK(nn_model_export_onnx(model, in_folder("net.onnx"), NULL));
  if (OK(nn_model_export_onnx_buffer(&bytes, &size, model, NULL))) {
    /* The version of the file's structure, then the producer. */
    static const unsigned char head[] = {0x08, 8, 0x12, 5, 'l', 'i', 'b', 'n', 'n'};
    unsigned char *again = malloc(size + 1);
    FILE *file = fopen(path, "rb");
    CHECK(size > sizeof head && memcmp(bytes, head, sizeof head) == 0);
    CHECK(file != NULL && again != NULL && fread(again, 1, size + 1, file) == size && memcmp(again, bytes, size) == 0);
    if (file != NULL) fclose(file);
    free(again);
    nn_free(bytes);
  }
  if (OK(nn_model_export_onnx_buffer(&bytes, &size, model, "{\"batch\": 3}"))) nn_free(bytes);
  FAILS(nn_model_export_onnx(model, in_folder("net.h5"), NULL), NN_INVALID_ARGUMENT, "must end in .onnx");
  FAILS(nn_model_export_onnx(model, in_folder("no/net.onnx"), NULL), NN_NOT_FOUND, "its folder does not exist");
  FAILS(nn_model_export_onnx(model, in_folder("m.onnx"), "{\"batch\": 0}"), NN_INVALID_ARGUMENT, "a positive integer, got 0");
  FAILS(nn_model_export_onnx(model, in_folder("m.onnx"), "{\"batch\": 1.5}"), NN_INVALID_ARGUMENT, "a whole number, got 1.5");
  FAILS(nn_model_export_onnx(model, in_folder("m.onnx"), "{\"bach\": 1}"), NN_INVALID_ARGUMENT, "did you mean 'batch'");
  FAILS(nn_model_export_onnx(model, NULL, NULL), NN_INVALID_ARGUMENT, "path");
  FAILS(nn_model_export_onnx(NULL, in_folder("m.onnx"), NULL), NN_INVALID_ARGUMENT, "model");
  FAILS(nn_model_save(model, in_folder("m.onnx"), NULL), NN_INVALID_ARGUMENT, "ONNX is written by export_onnx");
  OK(nn_sequential_new(&unbuilt, NULL));
  OK(add(unbuilt, "Dense", "{\"units\": 3}"));
  FAILS(nn_model_export_onnx_buffer(&bytes, &size, unbuilt, NULL), NN_STATE, "not built");
  CHECK(bytes == NULL && size == 0);
  nn_model_free(unbuilt);
  nn_model_free(model);
}

/* A callback of ours that counts batches, keeps the count in backups, and breaks the training off at one of them. */
typedef struct counting {
  int32_t count, breaks_at, asked, told;
} counting;

static int32_t counts(const nn_event *event, void *user) {
  counting *self = user;
  (void)event;
  self->count++;
  return self->count == self->breaks_at ? NN_IO : 0;
}

static int32_t get_count(nn_tensor **state, void *user) {
  counting *self = user;
  self->asked++;
  return nn_tensor_new(state, NN_INT32, 0, NULL, &self->count);
}

static int32_t set_count(const nn_tensor *state, void *user) {
  counting *self = user;
  self->told++;
  if (nn_tensor_dtype(state) != NN_INT32 || nn_tensor_count(state) != 1) return NN_FORMAT;
  self->count = *(const int32_t *)nn_tensor_data(state);
  return 0;
}

static int32_t makes_nothing(nn_tensor **state, void *user) {
  (void)state;
  (void)user;
  return 0;
}

static void backups(void) {
  nn_hooks hooks = NN_HOOKS_INIT;
  nn_callback *both[2];
  nn_fit_options options = quiet();
  counting whole = {0, 0, 0, 0}, broken = {0, 0, 0, 0}, again = {0, 0, 0, 0};
  nn_model *calm = classifier(adam), *first = classifier(adam), *second = classifier(adam);
  char config[400];
  double epoch = -1;
  options.epochs = 3;
  sprintf(config, "{\"backup_dir\": \"%s/backup\", \"save_freq\": 1}", folder);
  options.callbacks = both;
  options.callback_count = 1;
  hooks.on_batch_end = counts;
  hooks.get_state = get_count;
  FAILS(nn_callback_from_hooks(&both[0], &hooks), NN_INVALID_ARGUMENT, "get_state and set_state belong together");
  hooks.set_state = set_count;

  hooks.user = &whole;
  OK(nn_callback_from_hooks(&both[0], &hooks));
  OK(nn_model_fit(NULL, calm, x, y, &options));
  CHECK(whole.count > 3 && whole.asked == 0);
  nn_callback_free(both[0]);

  options.callback_count = 2;
  broken.breaks_at = whole.count - 1; /* in the last epoch */
  hooks.user = &broken;
  OK(nn_callback_from_hooks(&both[0], &hooks));
  OK(nn_callback_new(&both[1], "BackupAndRestore", config));
  FAILS(nn_model_fit(NULL, first, x, y, &options), NN_IO, "a callback's on_batch_end ended the training");
  CHECK(broken.asked > 0 && broken.told == 0);
  nn_callback_free(both[0]);

  hooks.user = &again;
  OK(nn_callback_from_hooks(&both[0], &hooks));
  OK(nn_model_fit(NULL, second, x, y, &options));
  CHECK(again.told == 1 && again.count == whole.count);
  OK(nn_callback_get(&epoch, both[1], "restored_epoch"));
  CHECK(epoch == 2);
  CHECK(equal(calm, second));
  nn_callback_free(both[0]);

  /* A get_state that makes no tensor. */
  hooks.get_state = makes_nothing;
  OK(nn_callback_from_hooks(&both[0], &hooks));
  FAILS(nn_model_fit(NULL, second, x, y, &options), NN_INVALID_ARGUMENT, "'state' is NULL");
  nn_callback_free(both[0]);
  nn_callback_free(both[1]);
  nn_model_free(calm);
  nn_model_free(first);
  nn_model_free(second);
}

/* The same numbers? */
static int is_weight(nn_model *model, int32_t index, const nn_tensor *expected) {
  nn_tensor *t = NULL;
  int same = OK(nn_model_get_weight(&t, model, index)) &&
             memcmp(nn_tensor_data(t), nn_tensor_data(expected), sizeof(float) * (size_t)nn_tensor_count(t)) == 0;
  nn_tensor_free(t);
  return same;
}

/* One weight array is frozen: the next fit leaves it alone, and so does a model from a file. */
static void frozen(void) {
  nn_model *model = classifier(adam), *again;
  nn_fit_options options = quiet();
  nn_tensor *kernel = NULL, *bias = NULL;
  void *bytes;
  size_t size;
  OK(nn_model_fit(NULL, model, x, y, &options));
  CHECK(nn_model_get_weight_trainable(model, 0) == 1);
  OK(nn_model_set_weight_trainable(model, 0, 0));
  CHECK(nn_model_get_weight_trainable(model, 0) == 0 && nn_model_get_weight_trainable(model, 1) == 1);
  OK(nn_model_get_weight(&kernel, model, 0));
  OK(nn_model_get_weight(&bias, model, 1));
  OK(nn_model_fit(NULL, model, x, y, &options));
  CHECK(is_weight(model, 0, kernel) && !is_weight(model, 1, bias));
  OK(nn_model_save_buffer(&bytes, &size, model, "h5"));
  if (OK(nn_model_load_buffer(&again, bytes, size, NULL))) {
    CHECK(nn_model_get_weight_trainable(again, 0) == 0 && nn_model_get_weight_trainable(again, 1) == 1);
    OK(nn_model_fit(NULL, model, x, y, &options));
    OK(nn_model_fit(NULL, again, x, y, &options));
    CHECK(equal(model, again) && is_weight(again, 0, kernel));
    nn_model_free(again);
  }
  nn_free(bytes);
  OK(nn_model_set_weight_trainable(model, 0, 1));
  OK(nn_model_fit(NULL, model, x, y, &options));
  CHECK(!is_weight(model, 0, kernel));
  FAILS(nn_model_set_weight_trainable(model, 0, 2), NN_INVALID_ARGUMENT, "'trainable' must be 0 or 1, got 2");
  FAILS(nn_model_set_weight_trainable(model, 9, 0), NN_INVALID_ARGUMENT, "weight arrays");
  REFUSES(nn_model_get_weight_trainable(model, -1), -1, NN_INVALID_ARGUMENT, "weight arrays");
  nn_tensor_free(kernel);
  nn_tensor_free(bias);
  nn_model_free(model);
}

int main(void) {
  static const char *const made[] = {
      "m.h5", "m.keras", "m.safetensors", "m.npz", "w.h5", "c-01.h5", "c-02.h5", "backup/training.safetensors", "backup",
      "net.c", "net.onnx"};
  size_t i;
  if (mkdtemp(folder) == NULL) return 2;
  data();
  files();
  buffers();
  weights();
  without_optimizer();
  mistakes();
  callbacks();
  exports();
  onnx();
  backups();
  frozen();
  for (i = 0; i < sizeof made / sizeof *made; i++) remove(in_folder(made[i]));
  CHECK(remove(folder) == 0); /* nothing else was left there */
  nn_tensor_free(x);
  nn_tensor_free(y);
  return check_end();
}
