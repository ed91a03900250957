"""Writes a recording in every format, by that format's own library."""

import datetime
import pickle
import uuid

import h5py
import numpy as np
import pytest
from scipy import io

from calciumgan_tf.recordings import readers
from calciumgan_tf.recordings.contents import Options

FRAME_RATE, NEURONS = 24.0, 4
RAW_LEVEL = 500.0


def save_npy(path, dff):
    np.save(path / "x.npy", dff)
    return path / "x.npy", {"frame_rate": FRAME_RATE}


def save_npz(path, dff):
    np.savez(path / "x.npz", dff=dff, positions=np.zeros((NEURONS, 2)))
    return path / "x.npz", {"frame_rate": FRAME_RATE}


def save_cascade(path, dff):
    np.savez_compressed(path / "x.npz", dF_traces=dff.T)
    return path / "x.npz", {"frame_rate": FRAME_RATE}


def save_mat(path, dff):
    io.savemat(path / "x.mat", {"dff": dff.T, "xyz": np.zeros((NEURONS, 3)), "name": "fish"}, do_compression=True)
    return path / "x.mat", {"frame_rate": FRAME_RATE, "transpose": True}


def save_mat_with_several(path, dff):
    io.savemat(path / "x.mat", {"dff": dff, "model": dff + 1})
    return path / "x.mat", {"frame_rate": FRAME_RATE, "variable": "dff"}


def save_mat_7_3(path, dff):
    with h5py.File(path / "x.mat", "w", userblock_size=512) as file:  # MATLAB stores its columns first
        file["dff"] = dff.T
        file["#refs#/a"] = np.zeros(3)
    return path / "x.mat", {"frame_rate": FRAME_RATE}


def save_csv(path, dff):
    import pandas

    frame = pandas.DataFrame(dff, columns=[f"cell {number}" for number in range(NEURONS)])
    frame.insert(0, "time", np.arange(len(dff)) / FRAME_RATE)
    frame.to_csv(path / "x.csv", index=False)
    return path / "x.csv", {}


def save_tsv_without_header(path, dff):
    np.savetxt(path / "x.tsv", dff, delimiter="\t", fmt="%.9g")
    return path / "x.tsv", {"frame_rate": FRAME_RATE}


def save_numbers_of_an_unknown_suffix(path, dff):
    np.savetxt(path / "x.ca2", dff.T, fmt="%.9g")
    return path / "x.ca2", {"frame_rate": FRAME_RATE, "transpose": True}


def save_pickle(path, dff):
    rows = np.concatenate([np.zeros((2, len(dff)), np.float32), dff.T])
    (path / "x.pkl").write_bytes(pickle.dumps({"signals": rows, "position": np.zeros(5), "oasis": None}))
    return path / "x.pkl", {"frame_rate": FRAME_RATE, "drop_rows": 2}


def save_prepared(path, dff):
    readers.read(*with_options(save_npy(path, dff))).save(path / "x.h5")
    return path / "x.h5", {}


def save_nwb(path, dff):
    write_nwb(path / "x.nwb", {"DfOverF": {"RoiResponseSeries": dff}})
    return path / "x.nwb", {}


def save_nwb_with_timestamps(path, dff):
    write_nwb(path / "x.nwb", {"Fluorescence": {"dff_1": dff, "other": dff + 1}}, times=True)
    return path / "x.nwb", {"series": "dff_1"}


def save_caiman(path, dff):
    """CaImAn's HDF5 file, with the groups that `roiextractors` reads; the last component is not accepted."""
    from scipy import sparse

    with h5py.File(path / "x.hdf5", "w") as file:
        traces = np.concatenate([dff.T, 2 + dff.T[:1]])
        file["estimates/F_dff"] = traces
        file["estimates/C"] = traces
        file["estimates/idx_components"] = np.arange(NEURONS)
        file["estimates/idx_components_bad"] = np.array([NEURONS])
        masks = sparse.csc_matrix(np.eye(9)[:, : NEURONS + 1])
        for name in ("data", "indices", "indptr"):
            file[f"estimates/A/{name}"] = getattr(masks, name)
        file["estimates/A/shape"] = np.array(masks.shape)
        file["params/data/fr"] = FRAME_RATE
        file["params/data/dims"] = np.array([3, 3])
        file["dims"] = np.array([3, 3])
    return path / "x.hdf5", {}


FORMATS = [
    save_npy, save_npz, save_cascade, save_mat, save_mat_with_several, save_mat_7_3, save_csv, save_tsv_without_header,
    save_numbers_of_an_unknown_suffix, save_pickle, save_prepared, save_nwb, save_nwb_with_timestamps, save_caiman,
]  # fmt: skip


def with_options(saved):
    path, options = saved
    return path, Options(**options)


def write_nwb(path, modules, times=False, unit="n.a.", accepted=None):
    """An NWB file with series {interface: {series: (frame, neuron)}}, written by PyNWB."""
    pynwb = pytest.importorskip("pynwb")
    from pynwb import ophys

    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    file = pynwb.NWBFile("a test", str(uuid.UUID(int=1)), start)
    device = file.create_device("microscope")
    channel = ophys.OpticalChannel("green", "GFP", 510.0)
    plane = file.create_imaging_plane(
        name="plane", optical_channel=channel, description="-", device=device, excitation_lambda=920.0,
        indicator="GCaMP6f", location="VISp",
    )  # fmt: skip
    module = file.create_processing_module("ophys", "-")
    segmentation = ophys.ImageSegmentation()
    module.add(segmentation)
    regions = segmentation.create_plane_segmentation("regions", plane)
    count = next(iter(next(iter(modules.values())).values())).shape[1]
    for _ in range(count):
        regions.add_roi(image_mask=np.ones((2, 2)))
    if accepted is not None:
        regions.add_column("Accepted", "whether it is a cell", data=list(accepted))
    for kind, series in modules.items():
        made = getattr(ophys, kind)()
        module.add(made)
        for name, traces in series.items():
            chosen = regions.create_roi_table_region("all", region=list(range(count)))
            frames = np.arange(len(traces)) / FRAME_RATE
            clock = {"timestamps": frames} if times is True else {"rate": FRAME_RATE}
            clock = clock if isinstance(times, bool) else {"timestamps": times}
            made.create_roi_response_series(name=name, data=traces, rois=chosen, unit=unit, **clock)
    with pynwb.NWBHDF5IO(str(path), "w") as io_:
        io_.write(file)


def suite2p_folder(folder, dff, settings=None, version=0):
    """suite2p output of these traces, with a region that is no cell; returns the fluorescence of the cells."""
    folder.mkdir(parents=True)
    fluorescence = (RAW_LEVEL * (1 + np.concatenate([dff, 1 + dff[:, :1]], axis=1).T)).astype(np.float32)
    np.save(folder / "F.npy", fluorescence)
    np.save(folder / "Fneu.npy", np.full_like(fluorescence, 100))
    np.save(folder / "iscell.npy", np.array([[1, 0.9]] * NEURONS + [[0, 0.1]]))
    if settings is not None:
        np.save(folder / ("settings.npy" if version else "ops.npy"), settings)
    return fluorescence[:NEURONS].T
