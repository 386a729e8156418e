"""SEI. Tests named `writing_rule_N` and `reading_rule_N` hold these rules; clauses are those of H.264.

Writing:

1. A SEI NAL unit has nal_ref_idc 0 (7.4.1).
2. payload_type and payload_size are runs of FF and a last byte below it (7.3.2.3.1).
3. One trailing byte follows the last message (7.3.2.11), and there is at least one message.
4. Emulation prevention covers the whole RBSP once (7.3.1), and one that ends in zeros gets a last 03 (7.4.1).
5. New SEI stands right before the first slice and the prefix NAL units that belong to it, behind all else
   (7.4.1.2.3); a packet without a slice gets none.
6. Lengths keep the file's own width, and a NAL unit too long for it is refused; what comes to stand behind
   start codes is converted first, so that parameter sets stay in front.
7. HEVC: the two-byte header, prefix SEI, the base layer's first slice and that slice's temporal id.
8. Nothing else changes: no other NAL unit, no timestamp, no picture.
9. What stands beside the pictures comes along into another container, or is told; what cannot be muxed, and
   what is encrypted, is refused by its name.
10. Message k goes to the first picture shown at or after k intervals; trimmed pictures do not count, and a
    key frame is what its packet says.

Reading:

1. Any nal_ref_idc is accepted.
2. Nothing is stripped of a payload, and padding is no message.
3. Messages are found in every NAL unit of a picture, those between the slices of a second field included.
4. Damage ends a NAL unit's walk and costs nothing before it; sizes and counts have caps.
5. Start codes are not sought in length-prefixed data unless its lengths are wrong.
6. The description of the packets may change, and may hold SEI itself.
7. pts is the packet's, and the order of display is by it.
8. No frame is decoded: side data of frames tells of type 5 alone.
"""
