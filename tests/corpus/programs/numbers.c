/* link: -lm */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	double values[] = {0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, 123456.789, -2.5};
	for (int i = 0; i < 8; i++)
		printf("%f %e %g %a %.0f\n", values[i], values[i], values[i], values[i], values[i]);
	volatile double zero = 0.0;
	printf("%f %f %f\n", 1 / zero, -1 / zero, sqrt(zero - 1) * 0 != 0 ? 1.0 : 2.0);
	printf("%.15f %.15f %.15f\n", sin(1.0), exp(1.0), pow(2.0, 0.5));
	printf("%.15f %.15f\n", log(10.0), atan2(1.0, -1.0));
	long double big = 1.0L / 3.0L;
	printf("%.20Lf %Lg\n", big, big * LDBL_EPSILON);
	float narrow = 16777216.0f;
	printf("%d %.9g\n", narrow + 1.0f == narrow, 0.1f);
	printf("%d %u %x %o %#x %+d % d %05d|%-6d|\n", -1, -1, 255, 8, 255, 5, 5, 42, 42);
	printf("%lld %" PRIu64 " %zu %c %5s|%-5s|%.2s\n", INT64_MIN, UINT64_MAX, sizeof(long), 'c',
	       "ab", "ab", "abcdef");
	printf("%ld %ld %g\n", strtol("0x7fz", NULL, 0), strtol("-077", NULL, 8), strtod("1e-3x", NULL));
	char text[16];
	printf("%d %s\n", snprintf(text, sizeof text, "%s", "longer than the buffer"), text);
	int a, b;
	char word[10];
	printf("%d", sscanf("12 abc 0x1f", "%d %9s %i", &a, word, &b));
	printf(" %d %s %d\n", a, word, b);
	unsigned long h = 1469598103934665603UL;
	for (int i = 0; i < 1000; i++)
		h = (h ^ (unsigned char)i) * 1099511628211UL;
	printf("%lx %ld %ld\n", h, (long)fma(3, 4, 5), lrint(2.5));
	return 0;
}
