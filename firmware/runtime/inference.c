#include "inference.h"

#include <stdbool.h>
#include <string.h>

#include "app.h"
#include "cycles.h"
#include "port.h"
#include "print.h"
#include "quantize.h"

static uint64_t last_cycles;
static bool have_cycles;

static uint32_t element_bytes(ek_dtype_t dtype) { return dtype == EK_FLOAT32 ? 4u : 1u; }

uint32_t ek_tensor_bytes(int output) {
    const ek_tensor_t *tensor = &ek_app.outputs[output];
    return tensor->count * element_bytes(tensor->dtype);
}

/* Once for each `infer`: floats from the host become the model's integers. */
static void quantize_inputs(void) {
    if (ek_app.input_mode != EK_INPUT_FLOAT32) return;
    const uint8_t *from = ek_app.buffer;
    uint8_t *to = ek_app.quantized;
    for (uint32_t i = 0; i < ek_app.input_count; i++) {
        const ek_tensor_t *tensor = &ek_app.inputs[i];
        ek_quantize(tensor, (const float *)(const void *)from, to);
        from += 4u * tensor->count;
        to += tensor->count * element_bytes(tensor->dtype);
    }
}

/* Before each inference: the model may use its inputs' memory for later tensors. */
static void fill_inputs(void) {
    const uint8_t *from =
        ek_app.input_mode == EK_INPUT_FLOAT32 ? ek_app.quantized : ek_app.buffer;
    for (uint32_t i = 0; i < ek_app.input_count; i++) {
        uint32_t bytes = ek_app.inputs[i].count * element_bytes(ek_app.inputs[i].dtype);
        if (ek_app.input_mode == EK_INPUT_UINT8)
            ek_subtract_128(from, ek_model_input((int)i), bytes);
        else
            memcpy(ek_model_input((int)i), from, bytes);
        from += bytes;
    }
}

static int infer_once(void) {
    fill_inputs();
    return ek_model_invoke();
}

__attribute__((noinline)) int ek_run_inferences(uint32_t iterations) {
    int status = 0;
    while (iterations-- > 0 && status == 0) status = infer_once();
    return status;
}

/* T0 is printed before it comes, so that sending the line is not part of the time measured. */
static uint64_t announce_start(void) {
    uint64_t line_us = 40u * 10u * 1000000u / EK_BAUD; /* 40 characters of 10 bits */
    uint64_t start_us = ek_port_time_us() + line_us;
    ek_print_lap(start_us);
    while (ek_port_time_us() < start_us) {
    }
    return start_us;
}

/* The low 32 bits are the counter's; the clock tells how often it wrapped. */
static uint64_t whole_cycles(uint32_t counted, uint64_t elapsed_us) {
    uint64_t expected = elapsed_us * (EK_CLOCK_HZ / 1000u) / 1000u;
    return expected + (uint64_t)(int64_t)(int32_t)(counted - (uint32_t)expected);
}

static int timed_loop(uint32_t iterations) {
    uint64_t start_us = announce_start();
    uint32_t start_cycles = ek_cycles_now();
    int status = ek_run_inferences(iterations);
    uint32_t counted = ek_cycles_now() - start_cycles;
    uint64_t end_us = ek_port_time_us();
    ek_print_lap(end_us);
    have_cycles = status == 0 && ek_cycles_usable();
    if (have_cycles) last_cycles = whole_cycles(counted, end_us - start_us);
    return status;
}

void ek_infer(uint32_t iterations, uint32_t warmup) {
    int status = 0;
    quantize_inputs();
    ek_print("m-warmup-start-");
    ek_print_decimal(warmup);
    ek_print("\r\n");
    while (warmup-- > 0 && status == 0) status = infer_once();
    ek_print("m-warmup-done\r\nm-infer-start-");
    ek_print_decimal(iterations);
    ek_print("\r\n");
    if (status == 0) status = timed_loop(iterations);
    if (status != 0) {
        ek_print("e-[Inference failed]\r\n");
        return;
    }
    ek_print("m-infer-done\r\n");
    ek_print_results();
}

static void print_outputs(void) {
    const char *comma = "";
    for (uint32_t i = 0; i < ek_app.output_count; i++) {
        for (uint32_t k = 0; k < ek_app.outputs[i].count; k++) {
            ek_print(comma);
            ek_print_float(ek_dequantize(&ek_app.outputs[i], ek_model_output((int)i), k));
            comma = ",";
        }
    }
}

static float mean_squared_error(void) {
    const float *input = (const float *)(const void *)ek_app.buffer;
    const ek_tensor_t *output = &ek_app.outputs[0];
    float sum = 0;
    for (uint32_t k = 0; k < output->count; k++) {
        float difference = ek_dequantize(output, ek_model_output(0), k) - input[k];
        sum += difference * difference;
    }
    return sum / (float)output->count;
}

void ek_print_results(void) {
    ek_print("m-results-[");
    if (ek_app.result_mode == EK_RESULT_MSE)
        ek_print_float(mean_squared_error());
    else
        print_outputs();
    ek_print("]\r\n");
}

int ek_last_cycles(uint64_t *cycles) {
    *cycles = last_cycles;
    return have_cycles;
}
