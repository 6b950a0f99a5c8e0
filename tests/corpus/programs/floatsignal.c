/* link: -lm */
#define _GNU_SOURCE
#include <fenv.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile double inside;

static void handler(int signal)
{
	double x = signal;
	for (int i = 0; i < 20; i++)
		x = x * 1.5 + 0.25;
	inside = x;
	fesetround(FE_UPWARD);
}

int main(void)
{
	struct sigaction action = {.sa_handler = handler};
	sigaction(SIGUSR1, &action, NULL);
	register double a __asm__("xmm6") = 1.25;
	double sum = 0;
	fesetround(FE_DOWNWARD);
	for (int i = 0; i < 5; i++) {
		double kept = a * i;
		__asm__ volatile("syscall" : : "a"(200), "D"(getpid()), "S"(SIGUSR1)
				 : "rcx", "r11", "memory");
		sum += kept;
	}
	printf("rounding kept: %d\n", fegetround() == FE_DOWNWARD);
	fesetround(FE_TONEAREST);
	printf("%f %f\n", sum, inside);
	return 0;
}
