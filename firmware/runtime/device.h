/* edgekit's own commands: what runs here, checks of what was sent, watermarks. */
#ifndef EK_DEVICE_H
#define EK_DEVICE_H

void ek_device_info(void);
void ek_device_crc(void);
void ek_device_output(char *arguments);
void ek_device_stack(void);
void ek_device_cycles(void);

#endif
