/* Runs the model on the bytes in ek_app.buffer. */
#ifndef EK_INFERENCE_H
#define EK_INFERENCE_H

#include <stdint.h>

uint32_t ek_tensor_bytes(int output); /* of output `output` */

/* The `infer` command: warm-up, timed loop, their lines, then the results. */
void ek_infer(uint32_t iterations, uint32_t warmup);

void ek_print_results(void);

/* Cycles of the last timed loop, all iterations. False where they are not known. */
int ek_last_cycles(uint64_t *cycles);

/* The timed loop and nothing else, so that an emulator finds it by its name. 0 on success. */
int ek_run_inferences(uint32_t iterations);

#endif
