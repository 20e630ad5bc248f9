/* What the firmware knows of its model: app.c, generated for each build, defines all of it. */
#ifndef EK_APP_H
#define EK_APP_H

#include <stdint.h>

typedef enum { EK_INT8, EK_UINT8, EK_FLOAT32 } ek_dtype_t;

typedef struct {
    ek_dtype_t dtype;
    uint32_t count;    /* elements */
    float scale;       /* real = scale * (q - zero_point); unused for EK_FLOAT32 */
    int32_t zero_point;
} ek_tensor_t;

/* How the bytes of `db` become the model's inputs. */
typedef enum {
    EK_INPUT_RAW,     /* they are the tensors, one after the other */
    EK_INPUT_UINT8,   /* unsigned: 128 is subtracted */
    EK_INPUT_FLOAT32, /* little-endian floats, quantized here */
} ek_input_mode_t;

typedef enum {
    EK_RESULT_OUTPUTS, /* every output, dequantized */
    EK_RESULT_MSE,     /* mean squared error between float input 0 and output 0 */
} ek_result_mode_t;

typedef struct {
    const char *version;         /* of edgekit */
    const char *model;           /* the name in m-model-[...] */
    const char *board;           /* its id */
    const char *manifest_sha256; /* of the bundle's manifest.json, in hex */
    uint32_t arena_bytes;
    uint32_t stack_bytes; /* reserved */
    ek_input_mode_t input_mode;
    ek_result_mode_t result_mode;
    uint32_t input_count, output_count;
    const ek_tensor_t *inputs, *outputs;
    uint8_t *buffer; /* what `db` fills: the inputs in the host's form, 8-aligned */
    uint32_t buffer_bytes;
    uint8_t *quantized; /* EK_INPUT_FLOAT32: the inputs in the model's form; else null */
} ek_app_t;

extern const ek_app_t ek_app;

void *ek_model_input(int index);
const void *ek_model_output(int index);
int ek_model_invoke(void); /* 0 on success */

#endif
