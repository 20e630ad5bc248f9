#include "dut.h"

#include "app.h"
#include "console.h"
#include "inference.h"
#include "print.h"

void ek_dut_name(void) { ek_print("m-name-dut-[edgekit]\r\n"); }

void ek_dut_profile(void) {
    ek_print("m-profile-[ULPMark for tinyML Firmware V0.0.1]\r\nm-model-[");
    ek_print(ek_app.model);
    ek_print("]\r\n");
}

void ek_dut_infer(char *arguments) {
    char *first = ek_next_word(&arguments);
    char *second = ek_next_word(&arguments);
    int32_t iterations = 1, warmup = 10; /* the suite's defaults */
    if (first && (!ek_parse_integer(first, &iterations) || iterations <= 0))
        ek_print("e-[Inference iterations must be >0]\r\n");
    else if (second && (!ek_parse_integer(second, &warmup) || warmup < 0))
        ek_print("e-[Inference warmup must be >=0]\r\n");
    else
        ek_infer((uint32_t)iterations, (uint32_t)warmup);
}

void ek_dut_results(void) { ek_print_results(); }
