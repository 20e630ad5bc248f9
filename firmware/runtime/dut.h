/* The MLPerf Tiny commands that are about the device under test, `db` aside. */
#ifndef EK_DUT_H
#define EK_DUT_H

void ek_dut_name(void);
void ek_dut_profile(void);
void ek_dut_infer(char *arguments);
void ek_dut_results(void);

#endif
