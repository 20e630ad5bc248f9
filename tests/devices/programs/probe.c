/* A firmware without edgekit's: one byte on the serial port asks for one thing. */
#include <stdint.h>

#ifndef UART_BASE
#define UART_BASE 0x40004000u
#endif
#ifndef RX_IRQ
#define RX_IRQ 0
#endif
#ifndef FLASH_BASE
#define FLASH_BASE 0u
#endif
#define REG(a) (*(volatile uint32_t *)(a))
#define UART_DATA REG(UART_BASE)
#define UART_STATE REG(UART_BASE + 4)
#define UART_CTRL REG(UART_BASE + 8)
#define UART_INT REG(UART_BASE + 12)
#define UART_DIV REG(UART_BASE + 16)

extern uint32_t stack_top, data_start, data_end, data_load, bss_start, bss_end;
static volatile uint8_t ring[256];
static volatile uint32_t head, tail, rx_interrupts, ticks, ipsr_seen;
static uint32_t initialised = 0x1234;

static void put(char c) {
    while (UART_STATE & 1) {
    }
    UART_DATA = (uint8_t)c;
}

static void text(const char *s) {
    while (*s) put(*s++);
}

static void hex(uint32_t v) {
    for (int i = 28; i >= 0; i -= 4) put("0123456789abcdef"[v >> i & 15]);
}

static void answer(const char *name, uint32_t v) {
    text(name);
    put('=');
    hex(v);
    text("\r\n");
}

void rx_handler(void) {
    rx_interrupts++;
    __asm volatile("mrs %0, ipsr" : "=r"(ipsr_seen));
    UART_INT = 2;
    while (UART_STATE & 2) ring[head++ % 256] = (uint8_t)UART_DATA;
}

#ifdef __ARM_FP
static volatile float tick_sum;
#endif

void tick_handler(void) {
    ticks++;
#ifdef __ARM_FP
    /* Clobbers s0 to s15 as any C handler may: the exception frame must hold them. */
    __asm volatile("vmov.f32 s0, #2.0\nvmov.f32 s7, #2.0\nvmov.f32 s15, #2.0" ::
                       : "s0", "s7", "s15");
    tick_sum += 0.5f;
#endif
}

/* The shape of a timed loop over a model of two layers. */
__attribute__((noinline)) static uint32_t layer_a(uint32_t n) {
    uint32_t x = 1;
    for (uint32_t i = 0; i < n; i++) x = x * 1664525u + 1013904223u;
    return x;
}

#ifdef RAM_CODE
__attribute__((section(".data.code")))
#endif
__attribute__((noinline)) static uint32_t helper(uint32_t x) {
    for (int i = 0; i < 50; i++) x ^= x << 13, x ^= x >> 17, x ^= x << 5;
    return x;
}

__attribute__((noinline)) static uint32_t layer_b(uint32_t x) { return helper(x) + helper(x + 1); }

__attribute__((noinline)) uint32_t probe_invoke(uint32_t n) {
    uint32_t x = layer_a(n);
    __asm volatile("" : "+r"(x));
    return layer_b(x) + n;
}

__attribute__((noinline)) uint32_t ek_run_inferences(uint32_t iterations, uint32_t n) {
    uint32_t x = 0;
    for (uint32_t i = 0; i < iterations; i++) x += probe_invoke(n);
    return x;
}

#if __ARM_ARCH >= 7
/* IT blocks with loads and stores inside; qemu and a CPU agree on the result. */
__attribute__((noinline)) static uint32_t it_blocks(volatile uint32_t *table, uint32_t n) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t v;
        __asm volatile(
            "tst %2, #1\n"
            "ittee eq\n"
            "ldreq %0, [%3]\n"
            "addeq %0, %0, #3\n"
            "ldrne %0, [%3, #4]\n"
            "strne %2, [%3, #4]\n"
            : "=&r"(v), "+m"(table[1])
            : "r"(i), "r"(table)
            : "cc");
        sum = sum * 31 + v;
    }
    return sum;
}
#endif

#ifdef __ARM_FP
__attribute__((noinline)) static uint32_t float_loop(uint32_t n) {
    /* Two logistic maps: chaotic, so that one wrong register is never forgotten. */
    float x = 0.3f, y = 0.7f;
    __asm volatile("" ::: "memory"); /* two calls are two calls */
    for (uint32_t i = 0; i < n; i++) {
        x = 3.9f * x * (1.0f - x);
        y = 3.7f * y * (1.0f - y);
    }
    return (uint32_t)(x * 16777216.0f) ^ (uint32_t)(y * 1048576.0f);
}
#endif

static void start_tick(uint32_t reload) {
    REG(0xe000e014) = reload;
    REG(0xe000e018) = 0;
    REG(0xe000e010) = 7;
}

static int get(void) {
    for (;;) {
        __asm volatile("cpsid i");
        if (head != tail) break;
        __asm volatile("wfi");
        __asm volatile("cpsie i");
    }
    __asm volatile("cpsie i");
    return ring[tail++ % 256];
}

void Reset_Handler(void);
void hang(void) {
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static const void *vectors[16 + 64] = {
    [0] = &stack_top, [1] = Reset_Handler, [2] = hang, [3] = hang,
    [15] = tick_handler, [16 + RX_IRQ] = rx_handler,
};

static void dispatch(int c) {
    volatile uint32_t table[2] = {5, 7};
    (void)table;
    switch (c) {
        case 'd': answer("data", initialised++); break;
        case 'r': answer("run", ek_run_inferences(3, 1000)); break;
        case 'R': answer("run", ek_run_inferences(1, 20000000)); break;
        case 's': start_tick(9999); answer("tick", 0); break;
        case 'S': REG(0xe000e010) = 0; answer("ticks", ticks); break;
        case 'i': answer("interrupts", rx_interrupts); answer("ipsr", ipsr_seen); break;
#if __ARM_ARCH >= 7
        case 't': answer("it", it_blocks(table, 1001)); break;
#ifdef __ARM_FP
        case 'f': {
            volatile float f = 1.5f;
            for (int i = 0; i < 10; i++) f = f * 1.25f + 0.5f;
            answer("float", (uint32_t)(f * 1000));
            break;
        }
#endif
        case 'c':
            REG(0xe000edfc) |= 1u << 24;
            REG(0xe0001004) = 0;
            REG(0xe0001000) |= 1;
            ek_run_inferences(1, 100);
            answer("cycles", REG(0xe0001004));
            break;
#endif
#ifdef __ARM_FP
        case 'F': {
            uint32_t undisturbed = float_loop(20000);
            start_tick(999);
            answer("same", undisturbed == float_loop(20000));
            REG(0xe000e010) = 0;
            answer("ticked", tick_sum > 10);
            break;
        }
#endif
        case 'l': REG(0x70000010) = 1; break;
        case 'w': REG(FLASH_BASE) = 1; break;
        case 'j': ((void (*)(void))0x60000001)(); break;
        case 'k': ((void (*)(void))((uintptr_t)ring | 1))(); break;
        case 'b': __asm volatile("bkpt #1"); break;
        case 'u': __asm volatile(".inst.n 0xde00"); break;
        case 'h': for (;;) { } break;
        case 'z': REG(0xe000ed0c) = 0x05fa0004; break;
        default: put((char)c);
    }
}

int main(void) {
    UART_DIV = 217;
    UART_CTRL = 1 | 2 | 8;
    REG(0xe000e100 + RX_IRQ / 32 * 4) = 1u << (RX_IRQ % 32);
    text("hello\r\n");
    for (;;) dispatch(get());
}

void Reset_Handler(void) {
#if defined __ARM_FP && !defined FPU_OFF
    REG(0xe000ed88) |= 0xfu << 20;
    __asm volatile("dsb\nisb");
#endif
    for (uint32_t *d = &data_start, *s = &data_load; d < &data_end;) *d++ = *s++;
    for (uint32_t *b = &bss_start; b < &bss_end;) *b++ = 0;
    main();
}
