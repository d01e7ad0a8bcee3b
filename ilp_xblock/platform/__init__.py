"""An LTI 1.3 platform inside Open edX, on lti1p3platform: the LMS as the tool meets it (LTI Core, AGS, NRPS)."""
