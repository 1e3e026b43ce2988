// SPDX-License-Identifier: GPL-2.0-or-later
/* Which cells make sense with writers beside the migration. Pure. */
#include <stddef.h>

#include "matrix.h"

const char *writers_barred(const struct page_state *state, const struct trigger *t, enum source source)
{
	if (t->hints)
		return "no writers beside it: they would take the hinting faults that migrate the pages";
	if (t->partial)
		return "no writers beside it: which pages move is not known before";
	if (state->racing)
		return "no writers beside it: what runs beside its migration is its own";
	if (!state->pte_write || state->uffd_wp)
		return "no writers beside it: they would write the pages before the migration, and end the declared state";
	if (source == SOURCE_EMULATED)
		return "no writers beside it: an emulation takes W away after the migration, when they have ended";
	return NULL;
}
