/* argv: scale in hex, zero point, "int8" or "uint8". Quantizes the floats of stdin. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quantize.h"

int main(int argc, char **argv) {
    float value;
    uint8_t byte;
    ek_tensor_t tensor = {EK_INT8, 1, 1, 0};
    if (argc != 4) return 2;
    tensor.scale = strtof(argv[1], NULL);
    tensor.zero_point = atoi(argv[2]);
    if (strcmp(argv[3], "uint8") == 0) tensor.dtype = EK_UINT8;
    while (fread(&value, sizeof value, 1, stdin) == 1) {
        ek_quantize(&tensor, &value, &byte);
        fwrite(&byte, 1, 1, stdout);
    }
    return 0;
}
