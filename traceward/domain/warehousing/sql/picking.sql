-- Room for the three times that a line is written again: as it is picked, checked and packed.
ALTER TABLE warehousing_pick_line SET (fillfactor = 50);
