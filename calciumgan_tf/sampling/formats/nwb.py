"""An NWB file: one series of dF/F, of a session or of windows, which are trials; written by PyNWB.

The word "synthetic" is in its description, its identifier and its keywords. Subject and place of imaging are those of
the recording, if that was an NWB file which is still where it was.
"""

import datetime
import os
import pathlib
import uuid

import numpy as np

from calciumgan_tf import files, optional
from calciumgan_tf.sampling.formats import CONDITIONS, EVENTS, SPIKES, TRACES, rows

DESCRIPTION = "an NWB file (.nwb)"
NAMESPACE = uuid.UUID("5d5cf4dc-9a35-4b0c-8c04-63f1ab2f0d16")  # of the identifiers, which follow from run and seed
NAMES = {SPIKES: "InferredSpikes", EVENTS: "GeneratedEvents"}
MEANINGS = {
    SPIKES: "spikes that OASIS infers from the synthetic traces, 0 or 1 in each frame",
    EVENTS: "events that the generator turned into calcium, as heights of their transients in dF/F",
}
CONTINUOUS = "synthetic traces, one continuous session"
IN_A_ROW = "synthetic traces; windows follow each other and do not continue"
UNITS = {SPIKES: "n.a.", EVENTS: "dF/F"}

is_ours = os.path.isfile


def matches(path) -> bool:
    """Whether the name ends with `.nwb`."""
    return pathlib.Path(path).suffix == ".nwb"


def write(path, parts, generated) -> None:
    """Streams traces to the file.

    Raises:
      InputError: PyNWB is not installed.
    """
    pynwb = optional.load("pynwb", "formats")
    from hdmf.backends.hdf5.h5_utils import H5DataIO
    from pynwb import ophys

    known, source = generated.attributes, _source(generated, pynwb)
    file = pynwb.NWBFile(
        session_description=generated.about,
        identifier=f"synthetic-{uuid.uuid5(NAMESPACE, str(sorted(known.items(), key=str)))}",
        session_start_time=datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0),
        keywords=["synthetic", "calcium imaging", str(known["model"])],
        experiment_description=f"Synthetic traces of the model {known['model']}; no animal was recorded for them.",
        **source["file"],
    )
    plane = _plane(file, generated, source, ophys)
    module = file.create_processing_module("ophys", "synthetic dF/F and what belongs to it")
    regions = _regions(module, generated, plane, ophys)
    frames, start = generated.frames, generated.attributes.get("start_frame") or 0
    shape, settings = (frames, generated.neurons), {"compression": "gzip", "fletcher32": True}
    containers = {TRACES: ophys.DfOverF(name="DfOverF")}
    containers |= {name: ophys.Fluorescence(name=NAMES[name]) for name in generated.of_neurons if name != TRACES}
    for name, container in containers.items():
        module.add(container)
        container.create_roi_response_series(
            name="RoiResponseSeries",  # the name that readers look for
            data=H5DataIO(
                shape=shape, dtype=np.dtype("float32"), chunks=(min(frames, 4096), generated.neurons), **settings
            ),
            rois=regions.create_roi_table_region(
                region=list(range(generated.neurons)), description="all synthetic neurons"
            ),
            unit=UNITS.get(name, "dF/F"),
            rate=float(generated.frame_rate),
            starting_time=start / generated.frame_rate,
            description=MEANINGS.get(name, CONTINUOUS if generated.session else IN_A_ROW),
        )
    series = {name: next(iter(container.roi_response_series.values())) for name, container in containers.items()}
    if generated.condition_names:
        series[CONDITIONS] = pynwb.TimeSeries(
            name=CONDITIONS,
            data=H5DataIO(shape=(frames, len(generated.condition_names)), dtype=np.dtype("float32"), **settings),
            unit="those of the recording",
            rate=float(generated.frame_rate),
            starting_time=start / generated.frame_rate,
            description=f"what the model followed, a column each: {', '.join(generated.condition_names)}",
        )
        file.add_stimulus(series[CONDITIONS])
    if not generated.session:
        _trials(file, generated)
    with files.replacing(path) as partial, pynwb.NWBHDF5IO(str(partial), "w") as io:
        io.write(file)
        written = 0
        for part in parts:
            for name, one in series.items():
                stretch = rows(part[name])
                one.data.dataset[written : written + len(stretch)] = stretch
            written += len(rows(part[TRACES]))


def _plane(file, generated, source, ophys):
    device = file.create_device(name="none", description="synthetic traces come from no microscope")
    channel = ophys.OpticalChannel(name="channel", description="of the recording, unknown", emission_lambda=510.0)
    return file.create_imaging_plane(
        name="ImagingPlane",
        optical_channel=channel,
        device=device,
        description="synthetic neurons, without places",
        excitation_lambda=920.0,
        imaging_rate=float(generated.frame_rate),
        indicator=source["indicator"],
        location=source["location"],
    )


def _regions(module, generated, plane, ophys):
    segmentation = ophys.ImageSegmentation(name="ImageSegmentation")
    module.add(segmentation)
    regions = segmentation.create_plane_segmentation(
        name="PlaneSegmentation", description="one region for each synthetic neuron", imaging_plane=plane
    )
    for mask in np.eye(generated.neurons, dtype=np.float32):  # a pixel each, since synthetic neurons have no place
        regions.add_roi(image_mask=mask[None])
    regions.add_column(
        "neuron", "name of the neuron in the recording that the model was trained on", data=list(generated.neuron_ids)
    )
    return regions


def _trials(file, generated):
    windows, frames, _ = generated.shape
    length = frames / generated.frame_rate
    for window in range(windows):
        file.add_trial(start_time=window * length, stop_time=(window + 1) * length)


def _source(generated, pynwb) -> dict:
    """Subject, place and indicator of the recording, where it is an NWB file."""
    none = pynwb.file.Subject(subject_id="synthetic", description="no animal: the traces are synthetic", sex="U")
    found = {"file": {"subject": none}, "location": "unknown", "indicator": "unknown"}
    path = pathlib.Path(generated.source)
    if path.suffix != ".nwb" or not path.is_file():
        return found
    with files.reading(path, "move it away, and nothing is copied from it"), pynwb.NWBHDF5IO(str(path), "r") as io:
        file = io.read()
        plane = next(iter(file.imaging_planes.values()), None)
        if plane is not None:
            found |= {"location": plane.location, "indicator": plane.indicator}
        if file.subject is not None:
            fields = {name: value for name, value in file.subject.fields.items() if not np.ndim(value)}
            found["file"] = {"subject": pynwb.file.Subject(**fields)}
    return found
